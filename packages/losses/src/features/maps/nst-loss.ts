import * as tf from '@tensorflow/tfjs-core';
import { detach } from '../../internal/detach.ts';
import { checkMaps, meanOfEach } from '../../internal/features.ts';
import { toSameSize } from '../../internal/resample.ts';
import { type RowOptions, rowLoss } from '../../internal/rows.ts';
import { unit } from '../../internal/unit.ts';

/**
 * Neuron selectivity transfer: the channels of both, as two sets of activation patterns, should be alike.
 *
 * `loss = mean k(t, t') + mean k(s, s') - 2 mean k(s, t)` over pairs of channels, with `k(u, v) = (u . v)^2` and each
 * channel flattened and divided by its length
 *
 * That is the squared maximum mean discrepancy with a polynomial kernel. The channels need not be as many. Of maps of
 * different sizes the larger is average-pooled to the smaller. A channel that is zero everywhere counts as zero, without
 * gradient. Usual weight: 50.
 *
 * @param studentFeatures float32 [batch, height, width, channels]
 * @param teacherFeatures float32 [batch, any height, any width, any channels]; gets no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if they are no maps of one batch, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Huang and Wang 2017, "Like What You Like: Knowledge Distill via Neuron Selectivity Transfer"; value and
 * gradient agree with mdistiller's NST.
 *
 * @example
 * import { nstLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor4d([1, 0, 0, 1], [1, 2, 2, 1]);
 * const teacher = tf.tensor4d([1, 0, 1, 0, 0, 0, 0, 2], [1, 2, 2, 2]);
 * console.log(nstLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.7500
 */
export function nstLoss(
  studentFeatures: tf.Tensor4D,
  teacherFeatures: tf.Tensor4D,
  _labels: tf.Tensor1D | undefined,
  options: RowOptions & { reduction: 'none' },
): tf.Tensor1D;
export function nstLoss(
  studentFeatures: tf.Tensor4D,
  teacherFeatures: tf.Tensor4D,
  _labels?: tf.Tensor1D,
  options?: RowOptions,
): tf.Scalar;
export function nstLoss(
  studentFeatures: tf.Tensor4D,
  teacherFeatures: tf.Tensor4D,
  _labels?: tf.Tensor1D,
  options: RowOptions = {},
): tf.Scalar | tf.Tensor1D {
  const caller = 'nstLoss';
  checkMaps(caller, studentFeatures, teacherFeatures);
  return rowLoss(caller, studentFeatures.shape[0], options, {}, () => {
    const [s, t] = toSameSize(studentFeatures, detach(teacherFeatures)).map((maps) => {
      const [batch, height, width, channels] = maps.shape;
      return unit(tf.reshape(maps, [batch, height * width, channels]), 1);
    }) as [tf.Tensor3D, tf.Tensor3D];
    // With the matrices A of unit channels, [positions, channels], all three are products of the A A': the loss is
    // |S S' / channels - T T' / channels|^2. Where there are more positions than channels the A' B are smaller.
    const [positions, channels] = [s.shape[1], Math.max(s.shape[2], t.shape[2])];
    if (positions <= channels) {
      const similarity = (a: tf.Tensor3D) => tf.div(tf.matMul(a, a, false, true), a.shape[2]);
      return tf.mul(meanOfEach(tf.squaredDifference(similarity(s), similarity(t))), positions * positions);
    }
    const kernel = (a: tf.Tensor3D, b: tf.Tensor3D) => meanOfEach(tf.square(tf.matMul(a, b, true)));
    return tf.sub(tf.add(kernel(t, t), kernel(s, s)), tf.mul(kernel(s, t), 2));
  });
}
