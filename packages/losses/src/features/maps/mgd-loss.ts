import * as tf from '@tensorflow/tfjs-core';
import { detach } from '../../internal/detach.ts';
import { checkSameFeatures } from '../../internal/features.ts';
import { notNegative } from '../../internal/options.ts';
import { type RowOptions, rowLoss } from '../../internal/rows.ts';

export interface MgdOptions extends RowOptions {
  /** Factor of the sum of squares, the paper's alpha. @default 7e-5 */
  weight?: number;
}

/**
 * The loss of masked generative distillation: what `mgdConnector` generates from the student's masked features is
 * compared with the teacher's.
 *
 * `loss = weight * sum((s - t)^2) / batch`
 *
 * The sum grows with the maps, so a good `weight` depends on their size: cls_KD's 7e-5 is for the last maps of
 * networks for ImageNet, 7 x 7.
 *
 * @param studentFeatures generated ones, float32 [batch, ..., channels]
 * @param teacherFeatures float32, of the same shape; gets no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Yang et al. 2022, "Masked Generative Distillation"; value and gradient agree with the definition in cls_KD's
 * MGDLoss.
 *
 * @example
 * import { mgdLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const loss = mgdLoss(tf.ones([2, 7, 7, 512]), tf.zeros([2, 7, 7, 512]));
 * console.log(loss.dataSync()[0].toFixed(4)); // 1.7562
 */
export function mgdLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels: tf.Tensor1D | undefined,
  options: MgdOptions & { reduction: 'none' },
): tf.Tensor1D;
export function mgdLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels?: tf.Tensor1D,
  options?: MgdOptions,
): tf.Scalar;
export function mgdLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels?: tf.Tensor1D,
  options: MgdOptions = {},
): tf.Scalar | tf.Tensor1D {
  const caller = 'mgdLoss';
  const { weight = 7e-5 } = options;
  checkSameFeatures(caller, studentFeatures, teacherFeatures);
  const batch = studentFeatures.shape[0]!;
  return rowLoss(caller, batch, options, { weight: notNegative }, () => {
    const squares = tf.squaredDifference(studentFeatures, detach(teacherFeatures));
    return tf.mul(tf.sum(tf.reshape(squares, [batch, -1]), 1), weight);
  });
}
