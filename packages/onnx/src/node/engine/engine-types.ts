import type { Batch, NamedTensor, StepContext } from '@kd/core';
import type { HasWeights, NamedVariable } from '@kd/ops';
import type * as tf from '@tensorflow/tfjs-core';
import type { ForwardModel } from '../compile-forward.ts';
import type { Averaged } from '../compile-step.ts';

/*
 * What an engine has to do with the training loop of @kd/train, in our own words: this package does not depend on that
 * one. `onnxEngine()` is a `StepEngineFactory` there; a test holds the two together.
 */

/** The part of an `Objective` that is compiled. */
interface CompilableObjective {
  readonly name: string;
  readonly variables?: readonly NamedVariable[];
  loss(input: {
    studentLogits: tf.Tensor2D;
    studentFeatures: Readonly<Record<string, tf.Tensor>>;
    teacherLogits?: tf.Tensor2D;
    teacherFeatures?: Readonly<Record<string, tf.Tensor>>;
    labels?: tf.Tensor1D;
    targets?: tf.Tensor2D;
    weights?: Readonly<Record<string, tf.Scalar>>;
    context: StepContext;
  }): { loss: tf.Scalar; parts: Readonly<Record<string, tf.Scalar>> };
}

/** The part of an `Optimizer` that says what it does, and what it remembers. */
export interface DescribedOptimizer {
  readonly name: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Rate and weight decay of a variable's group. */
  settingsOf(name: string): { learningRateScale: number; weightDecay: number };
  state(): Promise<NamedTensor[]>;
  restore(state: readonly NamedTensor[]): void;
}

export interface EngineRun {
  model: ForwardModel & HasWeights & { readonly name: string; readonly outputNames?: readonly string[] };
  objective: CompilableObjective;
  optimizer: DescribedOptimizer;
  /** Longest gradient of all variables together. */
  maxGradNorm?: number;
  /** Variables of the model with their moving averages, which `moveAverages` moves. */
  averages?: readonly Averaged[];
}

export interface EngineStep {
  batch: Batch;
  context: StepContext;
  teacherLogits?: Float32Array;
  teacherFeatures?: Readonly<Record<string, { data: Float32Array; shape: readonly number[] }>>;
  /** Weights of terms of the loss in this step. */
  weights?: Readonly<Record<string, number>>;
  learningRate: number;
  /** false: the gradients are kept for the next update. */
  update?: boolean;
}

export interface EngineResult {
  loss: number;
  parts: Record<string, number>;
  logits: Float32Array;
  /** Before clipping, after an update. */
  gradNorm?: number;
  /** Whether loss or gradients were not finite, and the batch has changed nothing. */
  skipped?: boolean;
}

export interface Engine {
  readonly name: string;
  step(input: EngineStep): Promise<EngineResult>;
  moveAverages?: ((decay: number) => Promise<void>) | undefined;
  sync?(): Promise<void>;
  logits?: ((batch: Batch) => Promise<Float32Array>) | undefined;
  dispose?(): Promise<void>;
}
