import type * as tf from '@tensorflow/tfjs-core';
import { checkPair } from '../internal/checks.ts';
import { checkClasses } from '../internal/classes.ts';
import { divergenceFrom, soften } from '../internal/divergence.ts';
import { positive } from '../internal/options.ts';
import { type RowOptions, rowLoss } from '../internal/rows.ts';
import { standardized } from './standardize-logits.ts';

export interface LogitStandardizationOptions extends RowOptions {
  /** Softens both distributions, of standardised logits: `softmax(z / temperature)`. > 0. @default 2 */
  temperature?: number;
}

/**
 * The soft term of distillation on standardised logits: a small student need not reach the size of its teacher's logits.
 *
 * `loss = T^2 * mean_batch(KL(softmax(z(teacher) / T) || softmax(z(student) / T)))`, with
 * `z(x) = (x - mean(x)) / (1e-7 + std(x))` of each row, the deviation unbiased
 *
 * A row of equal student logits has a value but no gradient: a student whose last layer starts as zeros learns nothing
 * until another loss moves it. The authors weigh this loss 9 and `crossEntropy` 0.1; `standardizeLogits` serves other
 * losses. The teacher gets no gradient.
 *
 * @param studentLogits float32 [batch, classes], 2 classes or more
 * @param teacherLogits float32 [batch, classes]
 * @param _labels not used; its place is kept so that losses on logits can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range or there is 1 class
 *
 * Reference: Sun et al. 2024, "Logit Standardization in Knowledge Distillation"; value and gradient agree
 * with the authors' code.
 *
 * @example
 * import { logitStandardizationLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * const teacher = tf.tensor2d([[4, -2, 1], [0, 5, 3]]);
 * console.log(logitStandardizationLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.0199
 */
export function logitStandardizationLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels: tf.Tensor1D | undefined,
  options: LogitStandardizationOptions & { reduction: 'none' },
): tf.Tensor1D;
export function logitStandardizationLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options?: LogitStandardizationOptions,
): tf.Scalar;
export function logitStandardizationLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options: LogitStandardizationOptions = {},
): tf.Scalar | tf.Tensor1D {
  const { temperature = 2 } = options;
  checkPair('logitStandardizationLoss', studentLogits, teacherLogits);
  const [batch, classes] = studentLogits.shape;
  checkClasses('logitStandardizationLoss', classes, 2, 'one logit has no deviation');
  return rowLoss('logitStandardizationLoss', batch, options, { temperature: positive }, () => {
    const logP = soften(standardized(teacherLogits), temperature);
    return divergenceFrom(logP, standardized(studentLogits), temperature);
  });
}
