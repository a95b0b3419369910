import { KdError } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainingArguments } from '../../arguments/training-arguments.ts';
import type { Callback } from '../../callbacks/callback.ts';
import type { EvalMetric } from '../../loop/compute-metrics.ts';
import type { TrainOptions } from '../../loop/train-options.ts';
import type { Optimizer } from '../../optimizers/optimizer.ts';
import type { Schedule } from '../../schedules/schedule.ts';
import type { DataOptions, TrainData } from './data.ts';

/** A metric of evaluations, with `eval_` in front or without. */
export type MetricName<Name extends string = never> = 'loss' | 'accuracy' | Name | EvalMetric<Name>;

/**
 * What `distill` and `fineTune` take besides: the data, `TrainingArguments`, and what of `train` they have no name for.
 *
 * @typeParam Name - what `computeMetrics` computes
 */
export interface TrainerOptions<Name extends string = string>
  extends Omit<TrainingArguments, 'metricForBestModel'>,
    DataOptions,
    Pick<TrainOptions<Name>, 'computeMetrics' | 'ema' | 'onNotFinite' | 'maxBatchesPerEpoch' | 'engine' | 'signal'> {
  train: TrainData;
  /** What the model is evaluated on while it is trained, and chosen by. */
  validation?: TrainData;
  /** What the final model is evaluated on, once: `test_loss`, `test_accuracy` … */
  test?: TrainData;
  /** Of evaluations, such as 'accuracy' or what `computeMetrics` computes. @default 'loss' where one is needed */
  metricForBestModel?: MetricName<NoInfer<Name>> | null;
  /** In place of the one that `optim` names; it is yours to dispose of. */
  optimizer?: Optimizer;
  /** In place of the one that `lrSchedulerType` names. */
  schedule?: Schedule;
  callbacks?: readonly Callback<EvalMetric<NoInfer<Name>>>[];
  /**
   * Told what is left aside or taken for granted; it is also in the result and in config.json.
   * @default process.emitWarning
   */
  onWarning?: (message: string) => void;
}

/** Names of what is not among `TrainingArguments`. */
export const TRAINER_NAMES = [
  'train',
  'validation',
  'test',
  'processor',
  'normalize',
  'augment',
  'computeMetrics',
  'ema',
  'onNotFinite',
  'maxBatchesPerEpoch',
  'engine',
  'signal',
  'optimizer',
  'schedule',
  'callbacks',
  'onWarning',
] as const;

/** Of those above, what makes the result what it is, and goes to config.json. */
const KEPT = [
  'normalize',
  'augment',
  'computeMetrics',
  'ema',
  'onNotFinite',
  'maxBatchesPerEpoch',
  'optimizer',
  'schedule',
];

const MARK = '$given';

function isPlain(value: unknown): boolean {
  if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  const isObject = typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return isObject && Object.values(value as object).every(isPlain);
}

/** What there is to know of something that JSON cannot hold. */
function described(value: unknown): Record<string, unknown> {
  const { name, config, settings } = Object(value) as { name?: unknown; config?: unknown; settings?: unknown };
  const known = { name: typeof name === 'string' && name !== '' ? name : undefined, config, settings };
  return Object.fromEntries(Object.entries(known).filter(([, each]) => each !== undefined && isPlain(each)));
}

/** Options for `config.json`: as they are where that is JSON, else what there is to know of them, and that they were given. */
export function keptOptions(options: object, own: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    ['dataCollator', ...KEPT, ...own].flatMap((name) => {
      const value = (options as Record<string, unknown>)[name];
      if (value === undefined || value === null) return [];
      return [[name, isPlain(value) ? value : { [MARK]: name, ...described(value) }]];
    }),
  );
}

/** A run that is started again without something that its config.json could not hold would be another run. */
export function checkGivenAgain(caller: string, options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== 'object' || value === null || !(MARK in value)) continue;
    const { [MARK]: _, ...known } = value as Record<string, unknown>;
    throw new KdError(
      'INVALID_ARGUMENT',
      `${caller}: the run that config.json is of had ${name} ${JSON.stringify(known)}, which a file cannot hold; pass the same ` +
        `${name} again, or ${name}: undefined for a run without it`,
      { name },
    );
  }
}

/** Whether something is a model, and not a teacher. */
export const isModel = (value: object): value is LayersModel =>
  'getUserDefinedMetadata' in value && 'countParams' in value;
