import * as tf from '@tensorflow/tfjs-core';
import { checkTensor } from '../../internal/checks.ts';
import { detach } from '../../internal/detach.ts';
import { checkSameFeatures, meanOfEach } from '../../internal/features.ts';
import { any } from '../../internal/options.ts';
import { type RowOptions, rowLoss } from '../../internal/rows.ts';

export interface VidOptions extends RowOptions {
  /** float32 [channels]: the variance of a channel is `softplus(rawScale) + 1e-5`. It gets a gradient, and needs one. */
  rawScale: tf.Tensor1D;
}

/**
 * Variational information distillation: how unlikely the teacher's features are where the student predicts their means.
 *
 * `loss = mean(((mean - t)^2 / variance + log(variance)) / 2)`, with `variance = softplus(rawScale) + 1e-5` of each channel
 *
 * `vidConnector` predicts the means, and owns `rawScale`. Both must be trained with the student: left at its start, the
 * variance only scales a squared error. The loss is below zero where variances are small. Usual weight: 1.
 *
 * @param studentFeatures the predicted means, float32 [batch, ..., channels]
 * @param teacherFeatures float32, of the same shape; gets no gradient
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Ahn et al. 2019, "Variational Information Distillation for Knowledge Transfer"; value and both
 * gradients agree with mdistiller's vid_loss (which leaves its log_scale out of the optimiser).
 *
 * @example
 * import { vidLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const rawScale = tf.variable(tf.tensor1d([5, 5]));
 * const loss = vidLoss(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[1, 0], [3, 5]]), undefined, { rawScale });
 * console.log(loss.dataSync()[0].toFixed(4)); // 0.9302
 */
export function vidLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels: tf.Tensor1D | undefined,
  options: VidOptions & { reduction: 'none' },
): tf.Tensor1D;
export function vidLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels: tf.Tensor1D | undefined,
  options: VidOptions,
): tf.Scalar;
export function vidLoss(
  studentFeatures: tf.Tensor,
  teacherFeatures: tf.Tensor,
  _labels: tf.Tensor1D | undefined,
  options: VidOptions,
): tf.Scalar | tf.Tensor1D {
  const caller = 'vidLoss';
  checkSameFeatures(caller, studentFeatures, teacherFeatures);
  const channels = studentFeatures.shape.at(-1)!;
  checkTensor(caller, 'rawScale', options?.rawScale, 'float32', [channels], ', one for each channel');
  return rowLoss(caller, studentFeatures.shape[0]!, options, { rawScale: any }, () => {
    const variance = tf.add(tf.softplus(options.rawScale), 1e-5);
    const squares = tf.squaredDifference(studentFeatures, detach(teacherFeatures));
    return tf.mul(meanOfEach(tf.add(tf.div(squares, variance), tf.log(variance))), 0.5);
  });
}
