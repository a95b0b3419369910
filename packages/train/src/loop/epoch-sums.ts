import { KdError } from '@kd/core';
import { accuracy } from '@kd/metrics';
import type { StepResult } from '../engine/step-engine.ts';

/** Running sums over the samples of an epoch; as plain numbers, so that a checkpoint can keep them. */
export interface EpochSums {
  add(result: Pick<StepResult, 'loss' | 'parts' | 'logits'>, labels: Int32Array | undefined, samples: number): void;
  /** Counts samples whose batch was skipped: they have no part in the means. */
  skip(samples: number): void;
  /** `train_loss`, `train_accuracy`, `train_<part>`: means over the samples so far that were not skipped. */
  means(): Record<string, number> & { train_loss: number };
  /** So far, skipped ones included. */
  samples(): number;
  state(): Record<string, number>;
}

const SAMPLES = 'samples';
const SKIPPED = 'skipped';
const RESERVED = ['loss', 'accuracy', 'epoch', 'step', 'learning_rate', 'grad_norm', 'skipped_batches'];

export function createEpochSums(initial: Readonly<Record<string, number>> = {}): EpochSums {
  const sums: Record<string, number> = { [SAMPLES]: 0, ...initial };
  const add = (name: string, value: number): void => {
    sums[name] = (sums[name] ?? 0) + value;
  };
  return {
    add({ loss, parts, logits }, labels, samples) {
      add(SAMPLES, samples);
      add('train_loss', loss * samples);
      for (const [name, value] of Object.entries(parts)) {
        if (RESERVED.includes(name)) {
          throw new KdError(
            'INVALID_ARGUMENT',
            `train: an objective's part cannot be called '${name}'; the log has one`,
          );
        }
        add(`train_${name}`, value * samples);
      }
      if (labels) add('train_accuracy', Math.round(accuracy(logits, labels) * samples)); // whole: sums stay exact
    },
    skip: (samples) => add(SKIPPED, samples),
    means() {
      const { [SAMPLES]: samples = 0, [SKIPPED]: _skipped, ...rest } = sums;
      const means = Object.fromEntries(Object.entries(rest).map(([name, sum]) => [name, sum / samples]));
      return means as Record<string, number> & { train_loss: number };
    },
    samples: () => sums[SAMPLES]! + (sums[SKIPPED] ?? 0),
    state: () => ({ ...sums }),
  };
}
