import { createEpochSums } from './epoch-sums.ts';
import { epochsDone, type Run } from './run.ts';
import type { EpochMetrics } from './train-result.ts';

/** What an epoch's metrics need to know of its training. */
export interface TrainedEpoch {
  /** Of the last step. */
  learningRate: number;
  samplesPerSecond: number;
  /** Seconds, evaluations included. */
  runtime: number;
}

/** Adds an epoch, or the part of one that the run ended in, to the history and tells the callbacks. */
export async function finishEpoch(run: Run, { learningRate, samplesPerSecond, runtime }: TrainedEpoch): Promise<void> {
  const evaluation = run.evaluation?.step === run.step ? run.evaluation : undefined;
  const metrics: EpochMetrics = {
    epoch: epochsDone(run),
    step: run.step,
    learning_rate: learningRate,
    ...run.sums.means(),
    ...evaluation?.metrics,
    epoch_runtime: runtime,
    train_samples_per_second: samplesPerSecond,
    is_best: evaluation?.isBest ?? false,
    best_reloaded: evaluation?.bestReloaded ?? false,
  };
  run.history.push(metrics);
  if (run.batch >= run.batchesPerEpoch) {
    run.epoch += 1;
    run.batch = 0;
    run.sums = createEpochSums();
  }
  await run.tell((callback) => callback.onEpochEnd?.(metrics, run.control));
}
