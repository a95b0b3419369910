import { KdError, type NamedTensor } from '@kd/core';
import { type NamedVariable, namedVariables } from '@kd/ops';
import type { Callback, TrainControl } from '../callbacks/callback.ts';
import type { StepEngine } from '../engine/step-engine.ts';
import { tfjsEngine } from '../engine/tfjs-engine.ts';
import { readWeights, writeWeights } from '../model-weights.ts';
import type { Objective } from '../objectives/objective.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { constantSchedule } from '../schedules/constant.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { checkResumable, checkWeights } from './check.ts';
import type { Checkpoint, TrainerState } from './checkpoint.ts';
import { createEpochSums, type EpochSums } from './epoch-sums.ts';
import type { SelectBestOptions, TrainOptions } from './train.ts';
import type { EpochMetrics } from './train-result.ts';

/** One call of `train`: its options with the defaults filled in, and where it stands. */
export interface Run {
  readonly options: TrainOptions;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  readonly learningRate: number;
  readonly seed: number;
  readonly selectBest: Required<SelectBestOptions> | undefined;
  readonly engine: StepEngine;
  readonly batchesPerEpoch: number;
  /** What a checkpoint must agree with. */
  readonly identity: TrainerState['run'];
  readonly control: TrainControl;
  /** Calls a hook of every callback, in order. */
  readonly tell: (hook: (callback: Callback) => void | Promise<void>) => Promise<void>;
  /** Seconds so far, over all parts of a resumed run. */
  readonly runtime: () => number;
  /** Epochs done. */
  epoch: number;
  /** Batches done in the epoch that is under way. */
  batch: number;
  step: number;
  samplesSeen: number;
  sums: EpochSums;
  history: EpochMetrics[];
  best: TrainerState['best'];
  bestWeights: NamedTensor[];
  stop?: { why: 'aborted' | 'early'; reason?: string };
  savedAt?: string;
}

/** A run at its start, or where its newest checkpoint left it. */
export async function openRun(options: TrainOptions & { optimizer: Optimizer }, teacher: string | null): Promise<Run> {
  const { model, objective, train: loader, callbacks = [], selectBest, optimizer } = options;
  const { schedule = constantSchedule(), learningRate = 1e-3, seed = 0 } = options;
  const { gradientAccumulationSteps = 1, maxGradNorm } = options;
  const batchesPerEpoch = Math.min(loader.length, options.maxBatchesPerEpoch ?? Infinity);
  const identity: TrainerState['run'] = {
    objective: withSettings(objective),
    optimizer: withSettings(optimizer),
    schedule: withSettings(schedule),
    learningRate,
    seed,
    data: await loader.fingerprint(),
    batchesPerEpoch,
    gradientAccumulationSteps,
    maxGradNorm: maxGradNorm ?? null,
    teacher,
  };
  const saved = options.resume ? await options.checkpoints?.load() : undefined;
  if (saved) restore(saved, identity, options, optimizer, schedule);
  const { state, best: bestWeights = [] } = saved ?? {};
  const start = performance.now();
  const run: Run = {
    options,
    optimizer,
    schedule,
    learningRate,
    seed,
    selectBest: selectBest
      ? { metric: 'eval_loss', mode: 'min', reloadOnDrop: false, ...(selectBest === true ? {} : selectBest) }
      : undefined,
    engine: await (options.engine ?? tfjsEngine())({
      model,
      objective,
      optimizer,
      ...(maxGradNorm === undefined ? {} : { maxGradNorm }),
    }),
    batchesPerEpoch,
    identity,
    control: {
      stop(reason) {
        run.stop ??= { why: 'early', reason };
      },
    },
    async tell(hook) {
      for (const callback of callbacks) await hook(callback);
    },
    runtime: () => (state?.runtime ?? 0) + (performance.now() - start) / 1000,
    epoch: state?.epoch ?? 0,
    batch: state?.batch ?? 0,
    step: state?.step ?? 0,
    samplesSeen: state?.samplesSeen ?? 0,
    sums: createEpochSums(state?.sums),
    history: state?.history ?? [],
    best: state?.best ?? null,
    bestWeights,
    // One that a callback has stopped has ended; going on would give another model.
    ...(state?.stopped !== undefined ? { stop: { why: 'early', reason: state.stopped } } : {}),
  };
  return run;
}

function withSettings({ name, settings = {} }: Objective | Optimizer | Schedule): string {
  return `${name} ${JSON.stringify(settings)}`;
}

function restore(
  { state, model, optimizer: moments }: Checkpoint,
  identity: TrainerState['run'],
  options: TrainOptions,
  optimizer: Optimizer,
  schedule: Schedule,
): void {
  if (state.version !== 1) {
    throw new KdError('UNSUPPORTED', `train: the checkpoint has version ${state.version}, this package reads 1`);
  }
  checkResumable(state.run, identity);
  writeWeights(trainedVariables(options), model);
  optimizer.restore(moments);
  schedule.restore?.(state.schedule);
  for (const [key, callback] of keyed(options.callbacks)) {
    const remembered = state.callbacks[key];
    if (remembered) callback.restore?.(remembered);
  }
}

/** Everything that training changes: the model's variables, statistics included, and the objective's own. */
export function trainedVariables({ model, objective }: Pick<TrainOptions, 'model' | 'objective'>): NamedVariable[] {
  return [...namedVariables(model), ...(objective.variables ?? [])];
}

/** Callbacks with a name; those with the same one are told apart by their order. */
function keyed(callbacks: readonly Callback[] = []): [key: string, callback: Callback][] {
  const counts = new Map<string, number>();
  return callbacks.flatMap((callback) => {
    const { name } = callback;
    if (name === undefined) return [];
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return [[count === 1 ? name : `${name} ${count}`, callback]];
  });
}

/** Has the teacher write what it remembers, and writes a checkpoint, if the run keeps any. */
export async function saveRun(run: Run): Promise<void> {
  const { checkpoints, callbacks, objective } = run.options;
  await objective.teacher?.flush?.();
  if (!checkpoints) return;
  const { epoch, batch, step, samplesSeen, history, best, stop } = run;
  const model = await readWeights(trainedVariables(run.options));
  checkWeights(model, step);
  run.savedAt = await checkpoints.save({
    model,
    optimizer: await run.optimizer.state(),
    best: run.bestWeights,
    state: {
      version: 1,
      run: run.identity,
      epoch,
      batch,
      step,
      sums: run.sums.state(),
      best,
      history,
      runtime: run.runtime(),
      samplesSeen,
      schedule: run.schedule.state?.() ?? {},
      callbacks: Object.fromEntries(
        keyed(callbacks).flatMap(([key, callback]) => (callback.state ? [[key, callback.state()]] : [])),
      ),
      ...(stop?.why === 'early' ? { stopped: stop.reason ?? '' } : {}),
    },
  });
  const path = run.savedAt;
  await run.tell((callback) => callback.onSave?.({ step, path }));
}
