import * as tf from '@tensorflow/tfjs-core';
import { detach } from './detach.ts';
import { checkFeatures } from './features.ts';
import { any, checkOptions, type Rule } from './options.ts';
import { rowWeights } from './rows.ts';

/** Options of every loss that compares the samples of a batch with each other. */
export interface RelationOptions {
  /**
   * bool [batch]; where it is false, it is as if the row were not there, as those that pad the last batch. What it
   * holds must be finite. @default all true
   */
  mask?: tf.Tensor1D;
}

/** Which samples of a batch there are. */
export interface Present {
  /** How many, at least 1. */
  count: number | tf.Scalar;
  /** float32 [batch], 1 for those that count; undefined where all do. */
  weights: tf.Tensor1D | undefined;
}

/** @returns which samples count, by the mask */
export function present(caller: string, batch: number, mask: tf.Tensor1D | undefined): Present {
  const weights = rowWeights(caller, batch, mask ? { mask } : {});
  return { weights, count: weights ? tf.maximum<tf.Scalar>(tf.sum(weights), 1) : batch };
}

/** A sample's features as one row; 0 where it does not count. (Not by `where`: WebAssembly is slow at a wide one.) */
export function presentRows(x: tf.Tensor, { weights }: Present): tf.Tensor2D {
  const rows = tf.reshape(x, [x.shape[0]!, -1]) as tf.Tensor2D;
  return weights ? tf.mul(rows, tf.expandDims(weights, 1)) : rows;
}

/**
 * Checks the arguments, and hands over student and teacher as one row for each sample, [batch, features]. The teacher's
 * get no gradient.
 */
export function relationLoss(
  caller: string,
  student: tf.Tensor,
  teacher: tf.Tensor,
  options: RelationOptions,
  rules: Readonly<Record<string, Rule>>,
  loss: (student: tf.Tensor2D, teacher: tf.Tensor2D, present: Present) => tf.Tensor,
): tf.Scalar {
  checkOptions(caller, options, { ...rules, mask: any });
  const sizes = (x: tf.Tensor) => (x?.rank > 1 ? x.shape.slice(1) : ['...']);
  checkFeatures(caller, 'studentFeatures', student, [
    student?.rank > 1 ? student.shape[0]! : 'batch',
    ...sizes(student),
  ]);
  checkFeatures(caller, 'teacherFeatures', teacher, [student.shape[0]!, ...sizes(teacher)]);
  return tf.tidy(() => {
    const there = present(caller, student.shape[0]!, options.mask);
    return loss(presentRows(student, there), presentRows(detach(teacher), there), there);
  }) as tf.Scalar;
}
