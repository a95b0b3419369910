import { type Batch, type DataLoader, KdError, numericIds } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Callback, TrainControl } from '../callbacks/callback.ts';
import type { ForwardMode } from '../engine/forward.ts';
import type { StepEngineFactory } from '../engine/step-engine.ts';
import { tfjsEngine } from '../engine/tfjs-engine.ts';
import { readWeights, writeWeights } from '../model-weights.ts';
import type { Objective } from '../objectives/objective.ts';
import { adam } from '../optimizers/adam.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { constantSchedule, type Schedule } from '../schedules/schedule.ts';
import { createBreather } from './breathe.ts';
import { checkClasses, checkFinite, checkLabels, checkResumable } from './check.ts';
import type { CheckpointStore, TrainerState } from './checkpoint.ts';
import { createEpochSums } from './epoch-sums.ts';
import { evaluate } from './evaluate.ts';
import type { EpochMetrics, TrainResult } from './train-result.ts';

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
  const { model, objective, train: loader, validation, epochs, signal, callbacks = [] } = options;
  const { optimizer = adam(), schedule = constantSchedule(), learningRate = 1e-3, seed = 0 } = options;
  const { maxBatchesPerEpoch = Infinity, evaluationMode = 'inference', checkpoints } = options;
  const best = options.selectBest
    ? { metric: 'eval_loss', mode: 'min', reloadOnDrop: false, ...bestOptions(options) }
    : undefined;
  checkOptions(options);
  checkClasses(model, objective, loader);

  const teacherPrint = objective.teacher?.deterministic ? await objective.teacher.fingerprint() : null;
  const run: TrainerState['run'] = {
    objective: objective.name,
    optimizer: optimizer.name,
    schedule: schedule.name,
    seed,
    batchSize: loader.batchSize,
    samples: loader.sampleCount,
    teacher: teacherPrint,
  };
  const engine = (options.engine ?? tfjsEngine())({ model, objective, optimizer });
  const batchesPerEpoch = Math.min(loader.length, maxBatchesPerEpoch);
  const totalSteps = epochs * batchesPerEpoch;
  const named = callbacks.filter((callback) => callback.name !== undefined);

  const resumed = options.resume ? await checkpoints?.load() : undefined;
  let bestWeights = resumed?.best ?? [];
  if (resumed) {
    checkResumable(resumed.state.run, run);
    writeWeights(model, resumed.model);
    optimizer.restore(resumed.optimizer);
    schedule.restore?.(resumed.state.schedule);
    for (const callback of named) callback.restore?.(resumed.state.callbacks[callback.name!] ?? {});
  }
  const history: EpochMetrics[] = resumed?.state.history ?? [];
  let bestSoFar = resumed?.state.best ?? null;
  let epoch = resumed?.state.epoch ?? 0;
  let batchIndex = resumed?.state.batch ?? 0;
  let step = resumed?.state.step ?? 0;
  let sums = createEpochSums(resumed?.state.sums);
  let samplesSeen = resumed?.state.samplesSeen ?? 0;
  const earlierRuntime = resumed?.state.runtime ?? 0;
  const start = performance.now();
  const runtime = (): number => earlierRuntime + (performance.now() - start) / 1000;

  let stop: { why: 'aborted' | 'early'; reason?: string } | undefined;
  const control: TrainControl = {
    stop(reason) {
      stop ??= { why: 'early', reason };
    },
  };
  const tell = async (hook: (callback: Callback) => void | Promise<void>): Promise<void> => {
    for (const callback of callbacks) await hook(callback);
  };
  let savedAt: string | undefined;
  const save = async (): Promise<void> => {
    if (!checkpoints) return;
    savedAt = await checkpoints.save({
      model: await readWeights(model),
      optimizer: await optimizer.state(),
      best: bestWeights,
      state: {
        version: 1,
        run,
        epoch,
        batch: batchIndex,
        step,
        sums: sums.state(),
        best: bestSoFar,
        history,
        runtime: runtime(),
        samplesSeen,
        schedule: schedule.state?.() ?? {},
        callbacks: Object.fromEntries(named.map((callback) => [callback.name!, callback.state?.() ?? {}])),
      },
    });
    await tell((callback) => callback.onSave?.({ step, path: savedAt! }));
  };

  const info = { objective: objective.name, engine: engine.name, epochs, batchesPerEpoch };
  await tell((callback) =>
    callback.onTrainBegin?.({ ...info, samplesPerEpoch: loader.sampleCount, start: { epoch, batch: batchIndex } }),
  );
  const breathe = createBreather();
  const classes = loader.classNames.length;
  while (epoch < epochs && !stop) {
    const epochStart = performance.now();
    const samplesBefore = sums.samples();
    let rate = learningRate;
    for await (const batch of take(loader.epoch(epoch, batchIndex), batchesPerEpoch - batchIndex)) {
      checkLabels(batch, classes);
      const context = { seed, epoch, step, ids: numericIds(batch.ids) };
      const teacherLogits = await objective.teacher?.logits(batch, context);
      rate = learningRate * schedule.factor(step, totalSteps);
      const input = { batch, context, learningRate: rate, ...(teacherLogits ? { teacherLogits } : {}) };
      const result = await engine.step(input);
      checkFinite(result, { epoch, step, learningRate: rate });
      sums.add(result, batch.labels, batch.ids.length);
      step += 1;
      batchIndex += 1;
      samplesSeen += batch.ids.length;
      const samples = sums.samples();
      const progress = { epoch, batch: batchIndex, step, samples, samplesThisRun: samples - samplesBefore };
      await tell((callback) =>
        callback.onStepEnd?.({ ...progress, loss: result.loss, running: sums.means(), learningRate: rate }, control),
      );
      await breathe();
      if (signal?.aborted) stop = { why: 'aborted' };
      if (stop) break;
    }
    // In the middle of an epoch: nothing to validate yet.
    if (batchIndex < batchesPerEpoch) break;

    const trainSeconds = (performance.now() - epochStart) / 1000;
    const evaluation = validation
      ? await evaluate(model, validation, {
          mode: evaluationMode,
          seed: seed + epoch, // another dropout mask each time, in the mode that has one
          onProgress: (done, total) => tell((callback) => callback.onEvaluateProgress?.(done, total)),
        })
      : {};
    const metrics: EpochMetrics = {
      epoch: epoch + 1,
      step,
      learning_rate: rate,
      ...sums.means(),
      ...evaluation,
      epoch_runtime: (performance.now() - epochStart) / 1000,
      train_samples_per_second: (sums.samples() - samplesBefore) / trainSeconds,
      is_best: false,
      best_reloaded: false,
    };
    if (best) {
      const value = metrics[best.metric];
      if (typeof value !== 'number') {
        throw new KdError(
          'NOT_FOUND',
          `train: selectBest wants '${best.metric}', the epoch has ${Object.keys(metrics)}`,
          {
            metric: best.metric,
          },
        );
      }
      if (!bestSoFar || (best.mode === 'min' ? value < bestSoFar.value : value > bestSoFar.value)) {
        bestSoFar = { epoch: epoch + 1, metric: best.metric, value };
        bestWeights = await readWeights(model);
        metrics.is_best = true;
      }
    }
    const dropped = schedule.onEpochEnd?.(metrics as unknown as Record<string, number>) ?? false;
    if (dropped && best?.reloadOnDrop) {
      writeWeights(model, bestWeights);
      metrics.best_reloaded = true;
    }
    history.push(metrics);
    epoch += 1;
    batchIndex = 0;
    sums = createEpochSums();
    await tell((callback) => callback.onEpochEnd?.(metrics, control));
    await save();
    if (signal?.aborted) stop ??= { why: 'aborted' };
  }
  if (batchIndex > 0) await save();
  // Asked again at the end: a cached teacher whose weights have moved meanwhile says so.
  if (teacherPrint !== null && teacherPrint !== (await objective.teacher!.fingerprint())) {
    throw new KdError(
      'MISMATCH',
      "train: the teacher's weights changed during training; was it among the trained models?",
    );
  }

  const finished = epoch >= epochs || stop?.why === 'early';
  if (best && finished && bestWeights.length > 0) writeWeights(model, bestWeights);
  const result: TrainResult = {
    history,
    steps: step,
    stopped: epoch >= epochs ? 'finished' : (stop?.why ?? 'finished'),
    ...(stop?.reason === undefined ? {} : { reason: stop.reason }),
    ...(best && finished && bestSoFar ? { best: bestSoFar } : {}),
    ...(savedAt === undefined ? {} : { checkpoint: savedAt }),
    train_runtime: runtime(),
    train_samples_per_second: samplesSeen / runtime(),
  };
  await tell((callback) => callback.onTrainEnd?.(result));
  return result;
}

function bestOptions({ selectBest }: TrainOptions): SelectBestOptions {
  return typeof selectBest === 'object' ? selectBest : {};
}

function checkOptions({ epochs, learningRate = 1e-3, maxBatchesPerEpoch, selectBest, validation }: TrainOptions): void {
  const refuse = (name: string, range: string, value: unknown): never => {
    throw new KdError('INVALID_ARGUMENT', `train: ${name} must be ${range}, got ${value}`, { [name]: value });
  };
  if (!Number.isInteger(epochs) || epochs < 1) refuse('epochs', 'an integer >= 1', epochs);
  if (!(learningRate > 0 && learningRate < Infinity)) refuse('learningRate', '> 0', learningRate);
  if (maxBatchesPerEpoch !== undefined && !(maxBatchesPerEpoch >= 1)) {
    refuse('maxBatchesPerEpoch', '>= 1', maxBatchesPerEpoch);
  }
  if (selectBest && !validation) {
    throw new KdError('INVALID_ARGUMENT', 'train: selectBest needs validation data; pass validation, or leave it out');
  }
}

async function* take(batches: AsyncIterable<Batch>, count: number): AsyncGenerator<Batch> {
  let taken = 0;
  for await (const batch of batches) {
    yield batch;
    taken += 1;
    if (taken >= count) return;
  }
}
