import * as tf from '@tensorflow/tfjs-core';
import { checkPair } from '../internal/checks.ts';
import { atLabel, checkClasses, isLabel, withoutLabel } from '../internal/classes.ts';
import { detach } from '../internal/detach.ts';
import { notNegative, positive } from '../internal/options.ts';
import { type LabelOptions, labelledLoss, type RowOptions } from '../internal/rows.ts';
import { softCrossEntropy } from '../internal/soft-cross-entropy.ts';

export interface NkdOptions extends RowOptions, LabelOptions {
  /** Softens the distributions over the other classes; the label's class is always taken at 1. > 0. @default 1 */
  temperature?: number;
  /** Weight of the other classes' part, `gamma` of the paper, >= 0. @default 1.5 */
  nckdWeight?: number;
}

/**
 * Normalised knowledge distillation: cross-entropy with the label, as sure as the teacher is of it, and with the
 * teacher's distribution over the other classes.
 *
 * `loss = mean_batch(-p[y] * log q[y] - nckdWeight * T^2 * sum_{c != y} p'[c] * log q'[c])`, with `p = softmax(teacher)`,
 * `q = softmax(student)`, and `p'`, `q'` the softmax of `logits / T` over all classes but the label `y`
 *
 * A cross-entropy: not 0 where student and teacher are equal, though its second part has no gradient there. The
 * authors add `crossEntropy`, and take T = 1 with weight 1.5 on ImageNet, T = 3 with 3.5 on CIFAR-100. The teacher gets
 * no gradient.
 *
 * @param studentLogits float32 [batch, classes], 3 classes or more
 * @param teacherLogits float32 [batch, classes]
 * @param labels int32 [batch], each in [0, classes)
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if a label or an option is out of range or there
 * are 2 classes: one other class has nothing to tell
 *
 * Reference: Yang et al. 2023, "From Knowledge Distillation to Self-Knowledge Distillation: A Unified Approach with
 * Normalized Loss and Customized Soft Labels"; value and gradient agree with the authors' NKDLoss.
 *
 * @example
 * import { nkdLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * const teacher = tf.tensor2d([[4, -2, 1], [0, 5, 3]]);
 * const labels = tf.tensor1d([0, 1], 'int32');
 * console.log(nkdLoss(student, teacher, labels).dataSync()[0].toFixed(4)); // 0.6961
 */
export function nkdLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: NkdOptions & { reduction: 'none' },
): tf.Tensor1D;
export function nkdLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options?: NkdOptions,
): tf.Scalar;
export function nkdLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: NkdOptions = {},
): tf.Scalar | tf.Tensor1D {
  const { temperature = 1, nckdWeight = 1.5 } = options;
  const rules = { temperature: positive, nckdWeight: notNegative };
  checkPair('nkdLoss', studentLogits, teacherLogits);
  const { shape } = studentLogits;
  checkClasses('nkdLoss', shape[1], 3, 'one other class has nothing to tell; see klDivergenceLoss');
  return labelledLoss('nkdLoss', shape, labels, options, rules, (known) => {
    const target = isLabel(known, shape[1]);
    const teacher = detach(teacherLogits);
    const others = (logits: tf.Tensor2D) => tf.div<tf.Tensor2D>(withoutLabel(logits, target), temperature);
    const sureness = tf.exp(atLabel(tf.logSoftmax(teacher), target)); // [batch]
    const targetPart = tf.mul(sureness, atLabel(tf.logSoftmax(studentLogits), target));
    const otherPart = softCrossEntropy(others(studentLogits), tf.softmax(others(teacher)));
    return tf.sub(tf.mul(otherPart, nckdWeight * temperature * temperature), targetPart);
  });
}
