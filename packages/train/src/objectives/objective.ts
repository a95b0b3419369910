import type { StepContext } from '@kd/core';
import type { NamedVariable } from '@kd/ops';
import type * as tf from '@tensorflow/tfjs-core';
import type { Teacher } from '../teachers/teacher.ts';

/** What an objective sees of one step. */
export interface ObjectiveInput {
  /** Of the student in training mode, float32 [batch, classes]. */
  studentLogits: tf.Tensor2D;
  /** float32 [batch, classes]; there if the objective has a teacher. */
  teacherLogits?: tf.Tensor2D;
  /** int32 [batch], checked to be in range; absent for unlabelled data. */
  labels?: tf.Tensor1D;
  /** Share of each class in each sample, float32 [batch, classes]: there instead of labels where samples are mixed. */
  targets?: tf.Tensor2D;
  /** Of a student with taps: its outputs behind the logits, by the names of their layers. */
  studentFeatures: Readonly<Record<string, tf.Tensor>>;
  /** Of a teacher with taps; there if the objective has `taps`. */
  teacherFeatures?: Readonly<Record<string, tf.Tensor>>;
  /** What the objective's `weights` are in this step. */
  weights?: Readonly<Record<string, tf.Scalar>>;
  /** Not to be read by what a compiled step shall run: it would stay what it was at the first step. */
  context: StepContext;
}

/** What one step minimises. A scratch baseline and a distilled run differ in this one argument of `train`. */
export interface Objective {
  /** For logs and checkpoints. */
  readonly name: string;
  /** What else makes it what it is: a checkpoint continues only with the same. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Asked about every batch. */
  readonly teacher?: Teacher;
  /** Taps whose features are wanted, by layer: of the student, and of the teacher, which must have `answers`. */
  readonly taps?: { readonly student: readonly string[]; readonly teacher: readonly string[] };
  /**
   * Weights that change from step to step, by name. They are computed before each step and given to `loss` as tensors, so that a
   * compiled step has them as inputs.
   */
  readonly weights?: Readonly<Record<string, (context: StepContext) => number>>;
  /** Its own trainable variables, such as regressors between feature maps. */
  readonly variables?: readonly NamedVariable[];
  /** @returns the loss to minimise, and what it is made of, for the logs; `parts` are logged as `train_<name>` */
  loss(input: ObjectiveInput): { loss: tf.Scalar; parts: Readonly<Record<string, tf.Scalar>> };
}
