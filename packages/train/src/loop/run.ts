import type { NamedTensor } from '@kd/core';
import type { Callback, TrainControl } from '../callbacks/callback.ts';
import { createEma, type Ema, emaSettings } from '../ema/ema.ts';
import type { StepEngine } from '../engine/step-engine.ts';
import { tfjsEngine } from '../engine/tfjs-engine.ts';
import type { Objective } from '../objectives/objective.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { constantSchedule } from '../schedules/constant.ts';
import type { Schedule } from '../schedules/schedule.ts';
import type { RunIdentity } from './checkpoint.ts';
import { createEpochSums, type EpochSums } from './epoch-sums.ts';
import type { EvaluateResult } from './evaluate.ts';
import { createLogWindow, type LogWindow } from './log-window.ts';
import { makePlan, type TrainPlan } from './plan.ts';
import { restoreRun } from './restore-run.ts';
import type { SelectBestOptions, TrainOptions } from './train-options.ts';
import type { BestEvaluation, EpochMetrics, LogEntry } from './train-result.ts';

/** One call of `train`: its options with the defaults filled in, and where it stands. */
export interface Run {
  readonly options: TrainOptions;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  readonly learningRate: number;
  readonly seed: number;
  readonly selectBest: Required<SelectBestOptions> | undefined;
  readonly engine: StepEngine;
  readonly ema?: Ema;
  readonly batchesPerEpoch: number;
  readonly plan: TrainPlan;
  /** What a checkpoint must agree with. */
  readonly identity: RunIdentity;
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
  skippedBatches: number;
  sums: EpochSums;
  log: LogWindow;
  logHistory: LogEntry[];
  history: EpochMetrics[];
  /** The last evaluation of this part of the run. */
  evaluation?: RunEvaluation;
  best: BestEvaluation | null;
  bestWeights: NamedTensor[];
  stop?: { why: 'aborted' | 'early'; reason?: string };
  savedAt?: string;
  /** The step that the model's variables are of, where the engine keeps them to itself. */
  syncedStep?: number;
}

/** An evaluation, and what came of it. */
interface RunEvaluation {
  step: number;
  metrics: EvaluateResult & Record<`eval_${string}`, number>;
  isBest: boolean;
  bestReloaded: boolean;
}

/** A run at its start, or where its newest checkpoint left it. */
export async function openRun(options: TrainOptions & { optimizer: Optimizer }, teacher: string | null): Promise<Run> {
  const { model, objective, train: loader, callbacks = [], selectBest, optimizer } = options;
  const { schedule = constantSchedule(), learningRate = 1e-3, seed = 0 } = options;
  const { gradientAccumulationSteps = 1, maxGradNorm } = options;
  const batchesPerEpoch = batchesOf(options);
  const identity: RunIdentity = {
    objective: withSettings(objective),
    optimizer: withSettings(optimizer),
    schedule: withSettings(schedule),
    learningRate,
    seed,
    data: await loader.fingerprint(),
    batchesPerEpoch,
    gradientAccumulationSteps,
    maxGradNorm: maxGradNorm ?? null,
    ema: options.ema ? JSON.stringify(emaSettings(options.ema)) : null,
    teacher,
  };
  const saved = options.resume ? await options.checkpoints?.load() : undefined;
  if (saved) restoreRun(saved, identity, { ...options, schedule });
  const ema = options.ema && createEma(model, options.ema);
  if (saved) ema?.restore(saved.ema);
  const { state, best: bestWeights = [], path } = saved ?? {};
  const position = state?.stateful_callbacks.kd.attributes;
  const start = performance.now();
  const run: Run = {
    options,
    optimizer,
    schedule,
    learningRate,
    seed,
    selectBest: bestOptions(selectBest),
    engine: await (options.engine ?? tfjsEngine())({
      model,
      objective,
      optimizer,
      ...(maxGradNorm === undefined ? {} : { maxGradNorm }),
      ...(ema ? { averages: ema.averages } : {}),
    }),
    ...(ema ? { ema } : {}),
    batchesPerEpoch,
    plan: makePlan(options, batchesPerEpoch),
    identity,
    control: {
      stop(reason) {
        run.stop ??= { why: 'early', reason };
      },
    },
    async tell(hook) {
      for (const callback of callbacks) await hook(callback);
    },
    runtime: () => (position?.runtime ?? 0) + (performance.now() - start) / 1000,
    epoch: position?.epoch ?? 0,
    batch: position?.batch ?? 0,
    step: state?.global_step ?? 0,
    samplesSeen: position?.samplesSeen ?? 0,
    skippedBatches: position?.skippedBatches ?? 0,
    sums: createEpochSums(position?.sums),
    log: createLogWindow(position?.log),
    logHistory: state?.log_history ?? [],
    history: position?.history ?? [],
    best: position?.best ?? null,
    bestWeights,
    // One that a callback has stopped has ended; going on would give another model.
    ...(position?.stopped !== undefined ? { stop: { why: 'early', reason: position.stopped } } : {}),
    ...(path === undefined ? {} : { savedAt: path }),
  };
  return run;
}

/** Batches that an epoch takes. */
export function batchesOf({ train: loader, maxBatchesPerEpoch = Infinity }: TrainOptions): number {
  return Math.min(loader.length, maxBatchesPerEpoch);
}

export function bestOptions(given: TrainOptions['selectBest']): Required<SelectBestOptions> | undefined {
  if (!given) return undefined;
  return { metric: 'eval_loss', mode: 'min', reloadOnDrop: false, ...(given === true ? {} : given) };
}

/** Epochs done, a fraction inside of one. */
export function epochsDone({ epoch, batch, batchesPerEpoch }: Run): number {
  return epoch + batch / batchesPerEpoch;
}

/** Has the engine give the model what the steps have made of it, once for each step. */
export async function syncEngine(run: Run): Promise<void> {
  if (run.syncedStep === run.step) return;
  await run.engine.sync?.();
  run.syncedStep = run.step;
}

function withSettings({ name, settings = {} }: Objective | Optimizer | Schedule): string {
  return `${name} ${JSON.stringify(settings)}`;
}
