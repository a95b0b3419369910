import type { StepInfo } from '../callbacks/callback.ts';
import type { StepResult } from '../engine/step-engine.ts';

/** Means over the batches that make one update. */
export interface StepMeans {
  add(result: Pick<StepResult, 'loss' | 'parts'>): void;
  /** The means, NaN if there were no batches; the next update begins here. */
  take(): Pick<StepInfo, 'loss' | 'parts' | 'skipped'>;
}

export function createStepMeans(): StepMeans {
  let results: Pick<StepResult, 'loss' | 'parts'>[] = [];
  return {
    add({ loss, parts }) {
      results.push({ loss, parts });
    },
    take() {
      const taken = results;
      results = [];
      const mean = (of: (result: (typeof taken)[number]) => number): number =>
        taken.reduce((sum, result) => sum + of(result), 0) / taken.length;
      const names = Object.keys(taken[0]?.parts ?? {});
      return {
        loss: mean(({ loss }) => loss),
        parts: Object.fromEntries(names.map((name) => [name, mean(({ parts }) => parts[name]!)])),
        skipped: taken.length === 0,
      };
    },
  };
}
