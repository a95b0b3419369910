import type { DataLoader } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Callback } from '../callbacks/callback.ts';
import type { EmaOptions } from '../ema/ema.ts';
import type { ForwardMode } from '../engine/forward.ts';
import type { StepEngineFactory } from '../engine/step-engine.ts';
import type { Objective } from '../objectives/objective.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Schedule } from '../schedules/schedule.ts';
import type { CheckpointStore } from './checkpoint.ts';
import type { ComputeMetrics, EvalMetric } from './compute-metrics.ts';

/** When something is done in a run: never, every so many steps, at the end of each epoch. */
export type IntervalStrategy = 'no' | 'steps' | 'epoch';

/** Also: whenever an evaluation is the best so far. */
export type SaveStrategy = IntervalStrategy | 'best';

/** Metrics that a schedule or callback may need; where it is not known what is computed, the run looks when it starts. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Needed<Name extends string> = string extends Name ? any : EvalMetric<NoInfer<Name>>;

/** @typeParam Name - what `computeMetrics` computes */
export interface SelectBestOptions<Name extends string = string> {
  /** @default 'eval_loss' */
  metric?: EvalMetric<Name>;
  /** Whether smaller or larger is better; of equals the first is kept. @default 'min' */
  mode?: 'min' | 'max';
  /** Also go back to the best weights whenever the schedule drops the rate. @default false */
  reloadOnDrop?: boolean;
}

/**
 * Names and meaning of what is counted in steps are those of `TrainingArguments` in transformers; numbers of steps in
 * (0, 1) are shares of all steps there too.
 *
 * @typeParam Name - what `computeMetrics` computes
 */
export interface TrainOptions<Name extends string = string> {
  /** What is trained, in place. */
  model: LayersModel;
  objective: Objective;
  train: DataLoader;
  validation?: DataLoader;
  /** Passes over the training data, an integer >= 1. Needed without `maxSteps`. */
  epochs?: number;
  /** Optimiser steps, an integer >= 1: the run ends after so many, whatever `epochs` says; -1 is none. @default -1 */
  maxSteps?: number;
  /** Ends each epoch after so many batches: a check of the whole way in seconds. @default all */
  maxBatchesPerEpoch?: number;
  /** @default adam() */
  optimizer?: Optimizer;
  /** Base rate, > 0. @default 1e-3 */
  learningRate?: number;
  /** @default constantSchedule() */
  schedule?: Schedule<Needed<Name>>;
  /** Batches whose gradients make one update, by their mean; the last update of an epoch may have fewer. @default 1 */
  gradientAccumulationSteps?: number;
  /** Longer gradients of an update, all variables together, are scaled down to this norm, > 0. @default none */
  maxGradNorm?: number;
  /** Keeps a moving average of the model's weights, and ends with it. @default none */
  ema?: EmaOptions;
  /** Of dropout and whatever else draws in a step: integer in [0, 2^53). @default 0 */
  seed?: number;
  /** When an entry with the loss since the entry before goes to the log. @default 'epoch' */
  loggingStrategy?: IntervalStrategy;
  /** @default 500 */
  loggingSteps?: number;
  /** Also after the first step. @default false */
  loggingFirstStep?: boolean;
  /** When the model is run on `validation`. @default 'epoch', and 'no' without `validation` */
  evalStrategy?: IntervalStrategy;
  /** @default loggingSteps */
  evalSteps?: number;
  /** Steps, or epochs with `evalStrategy` 'epoch', before the first evaluation, >= 0. @default 0 */
  evalDelay?: number;
  /** When a checkpoint is written, if there are `checkpoints`; 'steps' also does so at the end. @default 'epoch' */
  saveStrategy?: SaveStrategy;
  /** @default 500 */
  saveSteps?: number;
  /**
   * Further metrics of an evaluation: logged as `eval_<name>`. Where `selectBest`, schedule or a callback wants one of them,
   * it is called once at the start with made-up answers, to learn its names.
   */
  computeMetrics?: ComputeMetrics<Name>;
  /** End with the weights of the best evaluation, not the last. Needs `validation`. @default false */
  selectBest?: boolean | SelectBestOptions<NoInfer<Name>>;
  /** How the model is run on `validation`. @default 'inference' */
  evaluationMode?: ForwardMode;
  /**
   * What a loss or gradient that is NaN or infinite does. 'stop' is an error; 'skip' goes on as if the batch had not been:
   * weights, moments and running statistics stay, and it is counted in `skipped_batches`. @default 'stop'
   */
  onNotFinite?: 'stop' | 'skip';
  /** @default tfjsEngine() */
  engine?: StepEngineFactory;
  callbacks?: readonly Callback<Needed<Name>>[];
  /** Where checkpoints go: as `saveStrategy` has it, and when `signal` aborts. @default none */
  checkpoints?: CheckpointStore;
  /** Go on from the newest checkpoint of `checkpoints`, if there is one. @default false */
  resume?: boolean;
  /** Ends training after the step it is in; a checkpoint is written first. */
  signal?: AbortSignal;
}
