import type { DataLoader } from '@kd/core';
import { type Objective, type Optimizer, train } from '@kd/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Case, Lap } from './case.ts';
import { type Stopwatch, timedLoader, timedOptimizer } from './stopwatch.ts';

export interface TrainingCaseOptions {
  model: LayersModel;
  objective: Objective;
  optimizer: Optimizer;
  loader: DataLoader;
  watch: Stopwatch;
}

/** Steps of `train`, from the end of one to the end of the next, so that nothing the loop does is left out. */
export function trainingCase(name: string, options: TrainingCaseOptions): Case {
  const { model, objective, watch } = options;
  const loader = timedLoader(options.loader, watch);
  const optimizer = timedOptimizer(options.optimizer, watch);
  return {
    name,
    images: loader.batchSize,
    async run(steps) {
      const laps: Lap[] = [];
      let last = performance.now();
      await train({
        model,
        objective,
        optimizer,
        train: loader,
        epochs: 1,
        maxBatchesPerEpoch: steps + 1,
        callbacks: [
          {
            onStepEnd() {
              const now = performance.now();
              laps.push({ total: now - last, parts: watch.lap() });
              last = now;
            },
          },
        ],
      });
      return laps.slice(1);
    },
  };
}
