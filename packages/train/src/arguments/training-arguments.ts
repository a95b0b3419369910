import type { Batch } from '@kd/core';
import type { MeaninglessName } from './foreign-arguments.ts';

/** Names that `optim` may have: all that are AdamW by another implementation, and SGD. */
export type OptimizerName =
  | 'adamw_torch'
  | 'adamw_torch_fused'
  | 'adamw_torch_xla'
  | 'adamw_torch_npu_fused'
  | 'adamw_apex_fused'
  | 'sgd';

/** Names that `lrSchedulerType` may have: Hugging Face's, and the last three, which are torch's. */
export type SchedulerName =
  | 'linear'
  | 'cosine'
  | 'cosine_with_restarts'
  | 'polynomial'
  | 'constant'
  | 'constant_with_warmup'
  | 'inverse_sqrt'
  | 'reduce_lr_on_plateau'
  | 'cosine_with_min_lr'
  | 'cosine_warmup_with_min_lr'
  | 'warmup_stable_decay'
  | 'step'
  | 'multistep'
  | 'one_cycle';

/** What a schedule can be told besides the warm-up; each type takes its own of these, and refuses the others. */
export interface LrSchedulerKwargs {
  /** cosine (waves, 0.5), cosine_with_restarts (1), cosine_with_min_lr, cosine_warmup_with_min_lr, warmup_stable_decay. */
  numCycles?: number;
  /** cosine_with_min_lr, cosine_warmup_with_min_lr, reduce_lr_on_plateau: the lowest rate. */
  minLr?: number;
  /** The same as a part of the learning rate, in place of `minLr`. */
  minLrRate?: number;
  /** cosine_warmup_with_min_lr: where the warm-up starts, as a part of the learning rate. */
  warmupLrRate?: number;
  /** polynomial (1). */
  power?: number;
  /** polynomial: the rate it ends with (1e-7). */
  lrEnd?: number;
  /** inverse_sqrt. */
  timescale?: number;
  /** warmup_stable_decay; needed there. */
  numDecaySteps?: number;
  /** warmup_stable_decay: all that the warm-up and the decay leave, unless given. */
  numStableSteps?: number;
  /** warmup_stable_decay ('linear'). */
  warmupType?: 'linear' | 'cosine' | '1-sqrt';
  /** warmup_stable_decay ('cosine'). */
  decayType?: 'linear' | 'cosine' | '1-sqrt';
  /** warmup_stable_decay: the lowest rate as a part of the learning rate (0). */
  minLrRatio?: number;
  /** reduce_lr_on_plateau; by `greaterIsBetter`, where torch has 'min'. */
  mode?: 'min' | 'max';
  /** reduce_lr_on_plateau (0.1). */
  factor?: number;
  /** reduce_lr_on_plateau: evaluations without a gain (10). */
  patience?: number;
  /** reduce_lr_on_plateau (1e-4). */
  threshold?: number;
  /** reduce_lr_on_plateau ('rel'). */
  thresholdMode?: 'rel' | 'abs';
  /** reduce_lr_on_plateau (0). */
  cooldown?: number;
  /** step: epochs between two drops; needed there. */
  stepSize?: number;
  /** multistep: epochs of the drops; needed there. */
  milestones?: readonly number[];
  /** step and multistep (0.1). */
  gamma?: number;
  /** one_cycle (0.3). */
  pctStart?: number;
  /** one_cycle ('cos'). */
  annealStrategy?: 'cos' | 'linear';
  /** one_cycle (25). */
  divFactor?: number;
  /** one_cycle (1e4). */
  finalDivFactor?: number;
  /** one_cycle (false). */
  threePhase?: boolean;
}

/** What changes whole batches, with what there is to know of it as JSON: `mixup()` and `cutMix()` of `@kd/data` are such. */
export interface DataCollator {
  readonly config: Readonly<Record<string, unknown>>;
  apply(batch: Batch, address: { seed: number; epoch: number; batch: number; classes: number }): Batch;
}

/**
 * How a run goes, with the names, defaults and meaning of `TrainingArguments` of Hugging Face's transformers 4.57, in camel
 * case. One default is another: `evalStrategy` is 'epoch' where there is `validation` data.
 *
 * What has no meaning here (`fp16`, `deepspeed` …) is accepted by name and answered with what to use instead; what nobody
 * knows is an error that lists the nearest names: see `resolveArguments`.
 */
export interface TrainingArguments extends Partial<Record<MeaninglessName, unknown>> {
  /** Folder of the run: its config.json, checkpoints, logs. @default 'trainer_output' */
  outputDir?: string;
  /** Passes over the training data, > 0; half an epoch is 0.5. @default 3 */
  numTrainEpochs?: number;
  /** The same as `numTrainEpochs`. */
  epochs?: number;
  /** Optimiser steps; above 0 it counts, and `numTrainEpochs` does not. @default -1 */
  maxSteps?: number;
  /** @default 8 */
  perDeviceTrainBatchSize?: number;
  /** @default 8 */
  perDeviceEvalBatchSize?: number;
  /** Batches whose gradients make one update. @default 1 */
  gradientAccumulationSteps?: number;
  /** Base rate, > 0. @default 5e-5 */
  learningRate?: number;
  /** Of all variables but biases, shifts and layer norms, >= 0. @default 0 */
  weightDecay?: number;
  /** @default 0.9 */
  adamBeta1?: number;
  /** @default 0.999 */
  adamBeta2?: number;
  /** @default 1e-8 */
  adamEpsilon?: number;
  /** Longer gradients are scaled down to this norm; 0 leaves them as they are. @default 1 */
  maxGradNorm?: number | null;
  /** @default 'adamw_torch_fused' */
  optim?: OptimizerName;
  /** Part of all steps over which the rate rises from 0, in [0, 1]. @default 0 */
  warmupRatio?: number;
  /** The same in steps, an integer >= 0; above 0 it counts, and `warmupRatio` does not. @default 0 */
  warmupSteps?: number;
  /** @default 'linear' */
  lrSchedulerType?: SchedulerName;
  /** @default {} */
  lrSchedulerKwargs?: LrSchedulerKwargs | null;
  /** When losses are logged. @default 'steps' */
  loggingStrategy?: 'no' | 'steps' | 'epoch';
  /** Steps between two logs, an integer; below 1 a part of all steps. @default 500 */
  loggingSteps?: number;
  /** @default false */
  loggingFirstStep?: boolean;
  /** When the model is evaluated. @default 'epoch' with validation data, else 'no'; Hugging Face has 'no' throughout */
  evalStrategy?: 'no' | 'steps' | 'epoch';
  /** Steps between two evaluations, an integer; below 1 a part of all steps. @default loggingSteps */
  evalSteps?: number | null;
  /** Epochs (or steps, by `evalStrategy`) before the first evaluation. @default 0 */
  evalDelay?: number;
  /** When a checkpoint is written; 'best' is whenever an evaluation is the best so far, with `loadBestModelAtEnd`. @default 'steps' */
  saveStrategy?: 'no' | 'steps' | 'epoch' | 'best';
  /** Steps between two checkpoints, an integer; below 1 a part of all steps. @default 500 */
  saveSteps?: number;
  /** How many of the newest checkpoints stay; null for all. Each holds the best weights as well. @default null */
  saveTotalLimit?: number | null;
  /** End with the best weights of all evaluations. (It needs no `saveStrategy` that agrees with `evalStrategy`.) @default whether `saveStrategy` is 'best' */
  loadBestModelAtEnd?: boolean;
  /** What makes weights the best: 'loss', 'accuracy' or another metric of evaluations. @default 'loss' where one is needed */
  metricForBestModel?: string | null;
  /** @default whether `metricForBestModel` does not end with 'loss' */
  greaterIsBetter?: boolean | null;
  /** Of everything random: integer in [0, 2^53). @default 42 */
  seed?: number;
  /** Of the order of the data, augmentation and mixing. @default seed */
  dataSeed?: number | null;
  /** In [0, 1]. @default 0 */
  labelSmoothingFactor?: number;
  /** Leave out a last batch that is smaller than the others. @default false */
  dataloaderDropLast?: boolean;
  /** Threads that decode images; 0 decodes them on the main one. @default 0 */
  dataloaderNumWorkers?: number;
  /** Go on from the newest checkpoint of `outputDir` (true), of another run's folder, or from the checkpoint at this path. @default null */
  resumeFromCheckpoint?: boolean | string | null;
  /** Folder of the TensorBoard logs. @default `<outputDir>/logs`; Hugging Face makes one by date and host */
  loggingDir?: string | null;
  /** 'tensorboard', 'all' (the same) or 'none'. @default 'all' */
  reportTo?: string | readonly string[] | null;
  /** What the run is called in its logs. @default outputDir */
  runName?: string | null;
  /** @default false */
  pushToHub?: boolean;
  /** `org/name`. @default null */
  hubModelId?: string | null;
  /** @default 'every_save' */
  hubStrategy?: 'end' | 'every_save' | 'checkpoint' | 'all_checkpoints';
  /** Never written to a file. @default null */
  hubToken?: string | null;
  /** @default null */
  hubPrivateRepo?: boolean | null;
  /** Changes whole training batches: `mixup()`, `cutMix()`. @default null */
  dataCollator?: DataCollator | null;
  /** Evaluations in a row without a gain after which training ends, as EarlyStoppingCallback; null for never. @default null */
  earlyStoppingPatience?: number | null;
  /** How much better an evaluation must be than the best so far. @default 0 */
  earlyStoppingThreshold?: number;
}

/**
 * All arguments of a run, as JSON: what `config.json` holds, and what may be given again. The token is left out, and a
 * data collator is what its `config` says.
 */
export interface ResolvedArguments
  extends Required<
    Omit<
      TrainingArguments,
      | MeaninglessName
      | 'epochs'
      | 'hubToken'
      | 'maxGradNorm'
      | 'lrSchedulerKwargs'
      | 'dataSeed'
      | 'loggingDir'
      | 'reportTo'
      | 'runName'
      | 'dataCollator'
    >
  > {
  /** 0 for none. */
  maxGradNorm: number;
  lrSchedulerKwargs: LrSchedulerKwargs;
  dataSeed: number;
  loggingDir: string;
  reportTo: readonly 'tensorboard'[];
  runName: string;
  /** The `config` of what was given. */
  dataCollator: Readonly<Record<string, unknown>> | null;
}
