import * as tf from '@tensorflow/tfjs-core';
import { distances } from '../../internal/distances.ts';
import { type RelationOptions, relationLoss } from '../../internal/relations.ts';
import { smoothL1Sum } from '../../internal/smooth-l1.ts';

/**
 * Relational distillation by distance: samples that are far apart for the teacher should be far apart for the student.
 *
 * `loss = mean_ij smoothL1(d_s[i, j] - d_t[i, j])`, with `d[i, j] = |x_i - x_j|` divided by its mean over all `i != j`
 *
 * The mean is over all batch^2 pairs, each sample with itself included. `smoothL1(x)` is `x^2 / 2` where `|x| < 1` and
 * `|x| - 1/2` elsewhere. Rows that are closer than a thousandth of their length, measured from the mean of the batch,
 * are the same in float32: their distance is 0, without gradient. One sample, or a batch of equal ones, gives finite
 * values. Usual weights: 25 beside 50 for `rkdAngleLoss`; 1 beside 2 in metric learning.
 *
 * @param studentFeatures float32 [batch, ...], flattened to one row for each sample
 * @param teacherFeatures float32 [batch, ...], of any other width; gets no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar
 * @throws {KdError} SHAPE_MISMATCH if batches differ, INVALID_ARGUMENT if an option does not exist
 *
 * Reference: Park et al. 2019, "Relational Knowledge Distillation"; value and gradient agree with RKD's own
 * code and mdistiller's RKD.
 *
 * @example
 * import { rkdDistanceLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[0, 0], [0, 1], [2, 0]]);
 * const teacher = tf.tensor2d([[1, 0, 0], [0, 1, 0], [0, 0, 4]]);
 * console.log(rkdDistanceLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.0040
 */
export function rkdDistanceLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels?: tf.Tensor1D,
  options: RelationOptions = {},
): tf.Scalar {
  return relationLoss('rkdDistanceLoss', studentFeatures, teacherFeatures, options, {}, (s, t, present) => {
    const { count } = present;
    const pairs = tf.maximum(tf.mul(count, tf.sub(count, 1)), 1);
    const relative = (x: tf.Tensor2D) => {
      const d = distances(x, present);
      return tf.div(d, tf.maximum(tf.div(tf.sum(d), pairs), 1e-12));
    };
    return tf.div(smoothL1Sum(tf.sub(relative(s), relative(t))), tf.square(count));
  });
}
