import { type DataLoader, KdError } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Callback } from '../callbacks/callback.ts';
import type { ForwardMode } from '../engine/forward.ts';
import type { StepEngineFactory } from '../engine/step-engine.ts';
import { writeWeights } from '../model-weights.ts';
import type { Objective } from '../objectives/objective.ts';
import { adam } from '../optimizers/adam.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { checkClasses, checkTaps } from './check.ts';
import type { CheckpointStore } from './checkpoint.ts';
import { finishEpoch } from './finish-epoch.ts';
import { openRun, type Run, saveRun, trainedVariables } from './run.ts';
import { trainEpoch } from './train-epoch.ts';
import type { TrainResult } from './train-result.ts';

export interface SelectBestOptions {
  /** @default 'eval_loss' */
  metric?: string;
  /** Whether smaller or larger is better; of equals the first is kept. @default 'min' */
  mode?: 'min' | 'max';
  /** Also go back to the best weights whenever the schedule drops the rate. @default false */
  reloadOnDrop?: boolean;
}

export interface TrainOptions {
  /** What is trained, in place. */
  model: LayersModel;
  objective: Objective;
  train: DataLoader;
  validation?: DataLoader;
  /** Passes over the training data, >= 1. */
  epochs: number;
  /** Ends each epoch after so many batches: a check of the whole way in seconds. @default all */
  maxBatchesPerEpoch?: number;
  /** @default adam() */
  optimizer?: Optimizer;
  /** Base rate, > 0. @default 1e-3 */
  learningRate?: number;
  /** @default constantSchedule() */
  schedule?: Schedule;
  /** Batches whose gradients make one update, by their mean; the last update of an epoch may have fewer. @default 1 */
  gradientAccumulationSteps?: number;
  /** Longer gradients of an update, all variables together, are scaled down to this norm, > 0. @default none */
  maxGradNorm?: number;
  /** Of dropout and whatever else draws in a step: integer in [0, 2^53). @default 0 */
  seed?: number;
  /** End with the weights of the best epoch, not the last. Needs `validation`. @default false */
  selectBest?: boolean | SelectBestOptions;
  /** How the model is run on `validation`. @default 'inference' */
  evaluationMode?: ForwardMode;
  /** @default tfjsEngine() */
  engine?: StepEngineFactory;
  callbacks?: readonly Callback[];
  /** Where a checkpoint goes after each epoch, and when `signal` aborts. @default none */
  checkpoints?: CheckpointStore;
  /** Go on from the newest checkpoint of `checkpoints`, if there is one. @default false */
  resume?: boolean;
  /** Ends training after the step it is in; a checkpoint is written first. */
  signal?: AbortSignal;
}

/**
 * Trains a model: for each batch forward, objective, gradients, update; after each epoch validation, schedule, best
 * weights, checkpoint.
 *
 * Everything random comes from the seed and the step's context, so equal arguments on one machine give equal bits, and a
 * resumed run gives the bits of one that was never interrupted.
 *
 * @returns metrics of all epochs; the model has been trained in place
 * @throws {KdError} MISMATCH if the classes of data, model and teacher differ, the teacher's weights change, or a
 *   checkpoint is of another run; NOT_FINITE if the loss becomes NaN or infinite; INVALID_ARGUMENT, INVALID_DATA
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
export async function train(options: TrainOptions): Promise<TrainResult> {
  checkOptions(options);
  checkClasses(options.model, options.objective, options.train);
  checkTaps(options.model, options.objective);
  const optimizer = options.optimizer ?? adam();
  try {
    return await trainWith({ ...options, optimizer });
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
    await run.engine.dispose?.();
  }
}

async function runEpochs(run: Run): Promise<void> {
  const { objective, train: loader, epochs, signal } = run.options;
  const info = {
    objective: objective.name,
    engine: run.engine.name,
    epochs,
    batchesPerEpoch: run.batchesPerEpoch,
    samplesPerEpoch: Math.min(loader.sampleCount, run.batchesPerEpoch * loader.batchSize),
    start: { epoch: run.epoch, batch: run.batch, step: run.step },
    model: run.options.model,
  };
  await run.tell((callback) => callback.onTrainBegin?.(info));
  while (run.epoch < epochs && !run.stop) {
    const start = performance.now();
    const trained = await trainEpoch(run);
    await run.engine.sync?.();
    const whole = run.batch >= run.batchesPerEpoch;
    // Stopped in the middle of an epoch there is nothing to validate yet.
    if (whole) await finishEpoch(run, trained, start);
    await saveRun(run);
    if (signal?.aborted) run.stop ??= { why: 'aborted' };
  }
}

async function endRun(run: Run): Promise<TrainResult> {
  const finished = run.epoch >= run.options.epochs;
  const ended = finished || run.stop?.why === 'early';
  const best = ended && run.best && run.selectBest ? run.best : undefined;
  if (best) writeWeights(trainedVariables(run.options), run.bestWeights);
  const seconds = run.runtime();
  const result: TrainResult = {
    history: run.history,
    steps: run.step,
    stopped: finished ? 'finished' : (run.stop?.why ?? 'finished'),
    ...(run.stop?.reason === undefined ? {} : { reason: run.stop.reason }),
    ...(best ? { best } : {}),
    ...(run.savedAt === undefined ? {} : { checkpoint: run.savedAt }),
    train_runtime: seconds,
    train_samples_per_second: run.samplesSeen / seconds,
  };
  await run.tell((callback) => callback.onTrainEnd?.(result));
  return result;
}

function checkOptions(options: TrainOptions): void {
  const { epochs, learningRate = 1e-3, maxBatchesPerEpoch, seed = 0, selectBest, validation } = options;
  const { gradientAccumulationSteps = 1, maxGradNorm } = options;
  const refuse = (name: string, range: string, value: unknown): never => {
    throw new KdError('INVALID_ARGUMENT', `train: ${name} must be ${range}, got ${value}`, { [name]: value });
  };
  if (!Number.isInteger(epochs) || epochs < 1) refuse('epochs', 'an integer >= 1', epochs);
  if (!(learningRate > 0 && learningRate < Infinity)) refuse('learningRate', '> 0', learningRate);
  if (maxBatchesPerEpoch !== undefined && !(Number.isInteger(maxBatchesPerEpoch) && maxBatchesPerEpoch >= 1)) {
    refuse('maxBatchesPerEpoch', 'an integer >= 1', maxBatchesPerEpoch);
  }
  if (!(Number.isInteger(gradientAccumulationSteps) && gradientAccumulationSteps >= 1)) {
    refuse('gradientAccumulationSteps', 'an integer >= 1', gradientAccumulationSteps);
  }
  if (maxGradNorm !== undefined && !(maxGradNorm > 0)) refuse('maxGradNorm', '> 0', maxGradNorm);
  if (!Number.isSafeInteger(seed) || seed < 0) refuse('seed', 'an integer in [0, 2^53)', seed);
  if (options.resume && !options.checkpoints) {
    throw new KdError('INVALID_ARGUMENT', 'train: resume needs checkpoints to go on from; pass them, or leave it out');
  }
  if (selectBest && !validation) {
    throw new KdError('INVALID_ARGUMENT', 'train: selectBest needs validation data; pass validation, or leave it out');
  }
}
