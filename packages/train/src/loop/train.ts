import { KdError } from '@kd/core';
import { writeWeights } from '../model-weights.ts';
import { adam } from '../optimizers/adam.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { checkClasses, checkTaps } from './check.ts';
import { checkMetrics } from './check-metrics.ts';
import { checkOptions } from './check-options.ts';
import { writeLog } from './log.ts';
import { epochsDone, openRun, type Run } from './run.ts';
import { trainEpoch } from './train-epoch.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainResult } from './train-result.ts';
import { trainedVariables } from './trained-variables.ts';

/**
 * Trains a model: for each batch forward, objective, gradients, update; after each epoch, or every so many steps, an entry
 * in the log, validation, best weights, a checkpoint.
 *
 * Everything random comes from the seed and the step's context, so equal arguments on one machine give equal bits, and a
 * resumed run gives the bits of one that was never interrupted.
 *
 * @typeParam Name - what `computeMetrics` computes
 * @returns metrics of all epochs, and the log; the model has been trained in place
 * @throws {KdError} MISMATCH if the classes of data, model and teacher differ, the teacher's weights change, or a
 *   checkpoint is of another run; NOT_FINITE if loss or gradients become NaN or infinite; NOT_FOUND for a tap or metric that
 *   is not there; INVALID_ARGUMENT, INVALID_DATA
 *
 * @example
 * import { arrayDataset, dataLoader } from '@kd/data';
 * import { mlp } from '@kd/models';
 * import { classification, train } from '@kd/train';
 * const images = { data: Uint8Array.from({ length: 8 * 16 }, (_, i) => ((i >> 4) % 2 ? 255 : 0)), shape: [8, 4, 4] };
 * const dataset = arrayDataset({ images, labels: [0, 1, 0, 1, 0, 1, 0, 1], classNames: ['dark', 'light'] });
 * const model = mlp({ inputShape: [4, 4, 1], hiddenSizes: [8], classNames: ['dark', 'light'] });
 * const loader = dataLoader(dataset, { batchSize: 4, shuffle: true });
 * const { history } = await train({ model, objective: classification(), train: loader, epochs: 20, learningRate: 0.01 });
 * console.log(history.length, history[19].train_accuracy); // 20 1
 */
export async function train<Name extends string = string>(given: TrainOptions<Name>): Promise<TrainResult> {
  const options = given as TrainOptions;
  checkOptions(options);
  checkClasses(options.model, options.objective, options.train);
  checkTaps(options.model, options.objective);
  checkMetrics(options);
  const optimizer = options.optimizer ?? adam();
  try {
    await options.checkpoints?.open?.();
    try {
      return await trainWith({ ...options, optimizer });
    } finally {
      await options.checkpoints?.close?.();
    }
  } finally {
    if (!options.optimizer) optimizer.dispose();
  }
}

async function trainWith(options: TrainOptions & { optimizer: Optimizer }): Promise<TrainResult> {
  const { objective } = options;
  const teacher = objective.teacher?.deterministic ? await objective.teacher.fingerprint() : null;
  const run = await openRun(options, teacher);
  try {
    await runEpochs(run);
    // Asked again: a teacher that was among the trained models shows now.
    if (teacher !== null && teacher !== (await objective.teacher!.fingerprint())) {
      throw new KdError(
        'MISMATCH',
        "train: the teacher's weights changed during training; is it the model that is trained?",
      );
    }
    return await endRun(run);
  } finally {
    run.ema?.dispose();
    await run.engine.dispose?.();
  }
}

async function runEpochs(run: Run): Promise<void> {
  const { objective, train: loader, validation, model } = run.options;
  const info = {
    objective: objective.name,
    engine: run.engine.name,
    epochs: run.plan.epochs,
    steps: run.plan.totalSteps,
    batchesPerEpoch: run.batchesPerEpoch,
    samplesPerEpoch: Math.min(loader.sampleCount, run.batchesPerEpoch * loader.batchSize),
    start: { epoch: run.epoch, batch: run.batch, step: run.step },
    model,
    train: loader,
    ...(validation ? { validation } : {}),
    ...(objective.teacher ? { teacher: objective.teacher } : {}),
    history: [...run.history],
    logHistory: [...run.logHistory],
  };
  await run.tell((callback) => callback.onTrainBegin?.(info));
  while (run.step < run.plan.totalSteps && !run.stop) await trainEpoch(run);
}

async function endRun(run: Run): Promise<TrainResult> {
  const finished = run.step >= run.plan.totalSteps;
  const ended = finished || run.stop?.why === 'early';
  const best = ended && run.best && run.selectBest ? run.best : undefined;
  if (best) writeWeights(trainedVariables(run.options), run.bestWeights);
  else if (ended) run.ema?.writeToModel();
  const seconds = run.runtime();
  const summary = {
    train_runtime: seconds,
    train_samples_per_second: run.samplesSeen / seconds,
    train_steps_per_second: run.step / seconds,
    train_loss: run.log.trainLoss(),
  };
  if (ended) await writeLog(run, summary);
  const result: TrainResult = {
    history: run.history,
    logHistory: run.logHistory,
    steps: run.step,
    epoch: epochsDone(run),
    stopped: finished ? 'finished' : (run.stop?.why ?? 'finished'),
    ...(run.stop?.reason === undefined ? {} : { reason: run.stop.reason }),
    ...(best ? { best } : {}),
    ...(run.savedAt === undefined ? {} : { checkpoint: run.savedAt }),
    ...summary,
    skipped_batches: run.skippedBatches,
  };
  await run.tell((callback) => callback.onTrainEnd?.(result));
  return result;
}
