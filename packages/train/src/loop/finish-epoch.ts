import { KdError } from '@kd/core';
import { readWeights, writeWeights } from '../model-weights.ts';
import { createEpochSums } from './epoch-sums.ts';
import { evaluate } from './evaluate.ts';
import { type Run, trainedVariables } from './run.ts';
import type { TrainedEpoch } from './train-epoch.ts';
import type { EpochMetrics } from './train-result.ts';

/** Validates, keeps the best weights, tells schedule and callbacks, and moves on to the next epoch. */
export async function finishEpoch(
  run: Run,
  { learningRate, samplesPerSecond }: TrainedEpoch,
  start: number,
): Promise<void> {
  const { model, validation, evaluationMode = 'inference' } = run.options;
  const { engine } = run;
  const evaluation =
    validation &&
    (await evaluate(model, validation, {
      mode: evaluationMode,
      seed: run.seed + run.epoch, // another dropout mask each time, in the mode that has one
      ...(evaluationMode === 'inference' && engine.logits ? { logits: engine.logits } : {}),
      onProgress: (done, total) => run.tell((callback) => callback.onEvaluateProgress?.(done, total)),
    }));
  if (evaluation) await run.tell((callback) => callback.onEvaluate?.(evaluation));
  const metrics: EpochMetrics = {
    epoch: run.epoch + 1,
    step: run.step,
    learning_rate: learningRate,
    ...run.sums.means(),
    ...evaluation,
    epoch_runtime: (performance.now() - start) / 1000,
    train_samples_per_second: samplesPerSecond,
    is_best: false,
    best_reloaded: false,
  };
  metrics.is_best = await keepBest(run, metrics);
  const dropped = run.schedule.onEpochEnd?.(numbersOf(metrics)) ?? false;
  if (dropped && run.selectBest?.reloadOnDrop) {
    writeWeights(trainedVariables(run.options), run.bestWeights);
    metrics.best_reloaded = true;
  }
  run.history.push(metrics);
  run.epoch += 1;
  run.batch = 0;
  run.sums = createEpochSums();
  await run.tell((callback) => callback.onEpochEnd?.(metrics, run.control));
}

function numbersOf(metrics: EpochMetrics): Record<string, number> {
  const entries = Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return Object.fromEntries(entries);
}

/** Remembers the weights if they are strictly better than any before: of equals the first stays. */
async function keepBest(run: Run, metrics: EpochMetrics): Promise<boolean> {
  if (!run.selectBest) return false;
  const { metric, mode } = run.selectBest;
  const value = metrics[metric];
  if (typeof value !== 'number') {
    const names = Object.keys(numbersOf(metrics)).join(', ');
    throw new KdError('NOT_FOUND', `train: selectBest wants '${metric}', the epoch has ${names}`, { metric });
  }
  if (run.best && !(mode === 'min' ? value < run.best.value : value > run.best.value)) return false;
  run.best = { epoch: metrics.epoch, metric, value };
  run.bestWeights = await readWeights(trainedVariables(run.options));
  return true;
}
