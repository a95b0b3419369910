import * as tf from '@tensorflow/tfjs-core';
import { checkPair } from '../internal/checks.ts';
import { divergenceTo, soften, withGradient } from '../internal/divergence.ts';
import { positive } from '../internal/options.ts';
import { type RowOptions, rowLoss } from '../internal/rows.ts';

export interface ReverseKlDivergenceOptions extends RowOptions {
  /** Softens both distributions: `softmax(logits / temperature)`. > 0. @default 4 */
  temperature?: number;
}

/**
 * Kullback-Leibler divergence the other way round: the student avoids what the teacher finds unlikely, rather than
 * cover all that the teacher finds likely.
 *
 * `loss = T^2 * mean_batch(sum_c q[c] * log(q[c] / p[c]))`, with `p = softmax(teacher / T)`, `q = softmax(student / T)`
 *
 * The gradient of a row is `T * q * (log(q / p) - KL(q || p))`; the teacher gets none. It vanishes with `q`: a student
 * that is sure of the wrong class learns slowly from it. A class that the teacher alone masks by -Infinity makes the
 * loss infinite.
 *
 * @param studentLogits float32 [batch, classes]
 * @param teacherLogits float32 [batch, classes]
 * @param _labels not used; its place is kept so that losses on logits can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Gu et al. 2024, "MiniLLM: Knowledge Distillation of Large Language Models"; times T^2, value
 * and gradient agree with TRL's generalized_jsd_loss at beta = 1.
 *
 * @example
 * import { reverseKlDivergenceLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * const teacher = tf.tensor2d([[4, -2, 1], [0, 5, 3]]);
 * console.log(reverseKlDivergenceLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.4756
 */
export function reverseKlDivergenceLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels: tf.Tensor1D | undefined,
  options: ReverseKlDivergenceOptions & { reduction: 'none' },
): tf.Tensor1D;
export function reverseKlDivergenceLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options?: ReverseKlDivergenceOptions,
): tf.Scalar;
export function reverseKlDivergenceLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options: ReverseKlDivergenceOptions = {},
): tf.Scalar | tf.Tensor1D {
  const { temperature = 4 } = options;
  checkPair('reverseKlDivergenceLoss', studentLogits, teacherLogits);
  return rowLoss('reverseKlDivergenceLoss', studentLogits.shape[0], options, { temperature: positive }, () =>
    withGradient(studentLogits, (z) => {
      const [logP, logQ] = [soften(teacherLogits, temperature), soften(z, temperature)];
      const [rows, gradient] = divergenceTo(logP, logQ);
      return [tf.mul(rows, temperature * temperature), tf.mul(gradient, temperature)];
    }),
  );
}
