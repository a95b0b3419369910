import type * as tf from '@tensorflow/tfjs-core';
import { checkPair } from '../internal/checks.ts';
import { divergenceFrom, soften } from '../internal/divergence.ts';
import { positive } from '../internal/options.ts';
import { type RowOptions, rowLoss } from '../internal/rows.ts';

export interface KlDivergenceOptions extends RowOptions {
  /** Softens both distributions: `softmax(logits / temperature)`. > 0. @default 4 */
  temperature?: number;
}

/**
 * The soft term of Hinton's distillation alone: how far the student's softened distribution is from the teacher's.
 *
 * `loss = T^2 * mean_batch(sum_c p[c] * log(p[c] / q[c]))`, with `p = softmax(teacher / T)`, `q = softmax(student / T)`
 *
 * `T^2` keeps the gradient, `T / batch * (q - p)`, as large at any temperature. The teacher gets none. With labels
 * besides, see `distillationLoss`.
 *
 * @param studentLogits float32 [batch, classes]
 * @param teacherLogits float32 [batch, classes]
 * @param _labels not used; its place is kept so that losses on logits can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network", section 2; value and gradient
 * agree with mdistiller's KD.
 *
 * @example
 * import { klDivergenceLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * const teacher = tf.tensor2d([[4, -2, 1], [0, 5, 3]]);
 * console.log(klDivergenceLoss(student, teacher, undefined, { temperature: 5 }).dataSync()[0].toFixed(4)); // 0.4721
 */
export function klDivergenceLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels: tf.Tensor1D | undefined,
  options: KlDivergenceOptions & { reduction: 'none' },
): tf.Tensor1D;
export function klDivergenceLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options?: KlDivergenceOptions,
): tf.Scalar;
export function klDivergenceLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options: KlDivergenceOptions = {},
): tf.Scalar | tf.Tensor1D {
  const { temperature = 4 } = options;
  checkPair('klDivergenceLoss', studentLogits, teacherLogits);
  return rowLoss('klDivergenceLoss', studentLogits.shape[0], options, { temperature: positive }, () =>
    divergenceFrom(soften(teacherLogits, temperature), studentLogits, temperature),
  );
}
