import type { Batch, StepContext } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { AveragedVariable } from '../ema/ema.ts';
import type { Objective } from '../objectives/objective.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { FeatureArray } from '../teachers/teacher.ts';

/** Everything that changes from one step to the next. */
export interface StepInput {
  batch: Batch;
  /** Labels in range, checked; absent for unlabelled data. */
  context: StepContext;
  /** float32 [batch, classes], row-major, if the objective has a teacher. */
  teacherLogits?: Float32Array;
  /** By layer, if the objective has taps. */
  teacherFeatures?: Readonly<Record<string, FeatureArray>>;
  /** What the objective's `weights` are in this step. */
  weights?: Readonly<Record<string, number>>;
  learningRate: number;
  /**
   * Whether the weights move after this batch. Where not, its gradients are kept, and the next update goes along the mean
   * of theirs and its own: gradient accumulation. @default true
   */
  update?: boolean;
}

export interface StepResult {
  loss: number;
  parts: Record<string, number>;
  /** Of the student before the update, in training mode: float32 [batch, classes], row-major. */
  logits: Float32Array;
  /** Euclidean norm of all gradients together before they are clipped; there after an update with `maxGradNorm`. */
  gradNorm?: number;
  /**
   * Whether loss or gradients were not finite. Then the batch has changed nothing: no weights, no moments, no running
   * statistics, no gradients that are kept for the next update. @default false
   */
  skipped?: boolean;
}

/**
 * Does forward, backward and update for one batch. An engine may keep weights and the optimiser's moments to itself
 * between steps; then it has `sync`. Weights that somebody else gives the model, such as the best ones, are the ones that
 * its next step starts from.
 */
export interface StepEngine {
  /** For the logs. */
  readonly name: string;
  step(input: StepInput): Promise<StepResult>;
  /**
   * `average = decay * average + (1 - decay) * variable` for the `averages` that it was made with, statistics included:
   * called after an update. Without it the loop does so itself, which wants a `sync` after every update.
   */
  moveAverages?: ((decay: number) => Promise<void>) | undefined;
  /** Brings model, optimiser and averages to where the steps are: called before evaluation, checkpoints and the end. */
  sync?(): Promise<void>;
  /**
   * Logits of a batch in inference mode, by the weights of the last step: used for validation during training, where it
   * is faster than the model on the current backend. float32 [batch, classes], row-major.
   */
  logits?: ((batch: Batch) => Promise<Float32Array>) | undefined;
  /** Gives back what it holds, after the last `sync`. */
  dispose?(): Promise<void>;
}

/** Makes an engine for one run. */
export interface StepEngineFactory {
  (run: {
    model: LayersModel;
    objective: Objective;
    optimizer: Optimizer;
    /** Longer gradients of an update are scaled down to this norm. @default none */
    maxGradNorm?: number;
    /** Variables of the model with their moving averages. @default none */
    averages?: readonly AveragedVariable[];
  }): StepEngine | Promise<StepEngine>;
  /** Runs a model that is not trained, in inference mode, where that is faster than on the current backend: a teacher. */
  forward?: (model: LayersModel) => FastForward;
}

/** Answers for a model. */
export interface FastForward {
  /** Logits of a batch, float32 [batch, classes], row-major; undefined where the model has to be asked itself. */
  (batch: Batch): Promise<Float32Array | undefined>;
  /** Gives back what was compiled; it is compiled anew if it is asked again. */
  release?(): Promise<void>;
}
