import * as tf from '@tensorflow/tfjs-core';
import { checkPair } from '../internal/checks.ts';
import { detach } from '../internal/detach.ts';
import { any } from '../internal/options.ts';
import { type RowOptions, rowLoss } from '../internal/rows.ts';

export interface LogitMseOptions extends RowOptions {
  /** Compare logits with the mean of their row taken off, which a softmax does not see. @default false */
  centered?: boolean;
}

/**
 * Mean squared error of logits: no temperature to choose, and unlikely classes count as much as likely ones.
 *
 * `loss = mean_batch(mean_c((student - teacher)^2))`, of logits as they are or, `centered`, of `logits - mean_c(logits)`
 *
 * Half the centred loss is what `klDivergenceLoss` nears as its temperature grows. Half the squared distance summed over
 * classes, another form, is `classes / 2` times this. The teacher gets no gradient.
 *
 * @param studentLogits float32 [batch, classes]
 * @param teacherLogits float32 [batch, classes]
 * @param _labels not used; its place is kept so that losses on logits can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Ba, Caruana 2014, "Do Deep Nets Really Need to be Deep?", and Hinton, Vinyals, Dean 2015, "Distilling the
 * Knowledge in a Neural Network", section 2.1; value and gradient agree with torch.nn.functional.mse_loss.
 *
 * @example
 * import { logitMseLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * const teacher = tf.tensor2d([[4, -2, 1], [0, 5, 3]]);
 * console.log(logitMseLoss(student, teacher).dataSync()[0].toFixed(4)); // 2.3333
 */
export function logitMseLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels: tf.Tensor1D | undefined,
  options: LogitMseOptions & { reduction: 'none' },
): tf.Tensor1D;
export function logitMseLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options?: LogitMseOptions,
): tf.Scalar;
export function logitMseLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options: LogitMseOptions = {},
): tf.Scalar | tf.Tensor1D {
  checkPair('logitMseLoss', studentLogits, teacherLogits);
  return rowLoss('logitMseLoss', studentLogits.shape[0], options, { centered: any }, () => {
    const difference = tf.sub(studentLogits, detach(teacherLogits));
    return tf.mean(tf.square(options.centered ? tf.sub(difference, tf.mean(difference, 1, true)) : difference), 1);
  });
}
