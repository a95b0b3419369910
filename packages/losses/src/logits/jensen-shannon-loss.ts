import * as tf from '@tensorflow/tfjs-core';
import { checkPair } from '../internal/checks.ts';
import { divergence, divergenceTo, soften, withGradient } from '../internal/divergence.ts';
import { positive, type Rule } from '../internal/options.ts';
import { type RowOptions, rowLoss } from '../internal/rows.ts';

export interface JensenShannonOptions extends RowOptions {
  /** Share of the teacher in the mixture, `beta` of the paper; in (0, 1). @default 0.5 */
  teacherWeight?: number;
  /** Softens both distributions: `softmax(logits / temperature)`. > 0. @default 1 */
  temperature?: number;
}

const between: Rule = (value: number) =>
  (value > 0 && value < 1) ||
  'in (0, 1), without its ends, for which there are klDivergenceLoss (0) and reverseKlDivergenceLoss (1)';

/** `log(b p + (1 - b) q)`; exactly log p where they are equal, -Infinity included. */
function logMixture(logP: tf.Tensor, logQ: tf.Tensor, b: number): tf.Tensor {
  const gap = tf.where(tf.equal(logP, logQ), 0, tf.sub(logP, logQ));
  const smaller = tf.where(tf.less(gap, 0), b, 1 - b); // the share of the smaller one
  return tf.add(tf.maximum(logP, logQ), tf.log1p(tf.mul(smaller, tf.expm1(tf.neg(tf.abs(gap))))));
}

/**
 * Generalised Jensen-Shannon divergence: both distributions are compared with their mixture, so that the loss is
 * bounded whatever the logits.
 *
 * `loss = mean_batch(b * KL(p || m) + (1 - b) * KL(q || m))`, with `p = softmax(teacher / T)`,
 * `q = softmax(student / T)`, `m = b * p + (1 - b) * q` and `b = teacherWeight`
 *
 * It is in [0, log 2], and not multiplied by T^2: raise the weight of the loss by that at higher temperatures. The
 * gradient of a row is `(1 - b) / T * q * (log(q / m) - KL(q || m))`; the teacher gets none. Divided by `b`, the loss
 * nears `klDivergenceLoss` as `b` goes to 0; divided by `1 - b`, it nears `reverseKlDivergenceLoss` as `b` goes to 1.
 *
 * @param studentLogits float32 [batch, classes]
 * @param teacherLogits float32 [batch, classes]
 * @param _labels not used; its place is kept so that losses on logits can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Agarwal et al. 2024, "On-Policy Distillation of Language Models", equation 1; value and gradient agree
 * with TRL's generalized_jsd_loss, which takes beta = 0 and 1 for the two Kullback-Leibler divergences themselves.
 *
 * @example
 * import { jensenShannonLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * const teacher = tf.tensor2d([[4, -2, 1], [0, 5, 3]]);
 * console.log(jensenShannonLoss(student, teacher).dataSync()[0].toFixed(4)); // 0.0137
 */
export function jensenShannonLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels: tf.Tensor1D | undefined,
  options: JensenShannonOptions & { reduction: 'none' },
): tf.Tensor1D;
export function jensenShannonLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options?: JensenShannonOptions,
): tf.Scalar;
export function jensenShannonLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options: JensenShannonOptions = {},
): tf.Scalar | tf.Tensor1D {
  const { teacherWeight = 0.5, temperature = 1 } = options;
  const rules = { teacherWeight: between, temperature: positive };
  checkPair('jensenShannonLoss', studentLogits, teacherLogits);
  return rowLoss('jensenShannonLoss', studentLogits.shape[0], options, rules, () =>
    withGradient(studentLogits, (z) => {
      const logP = soften(teacherLogits, temperature);
      const logQ = soften(z, temperature);
      const logM = logMixture(logP, logQ, teacherWeight);
      const [fromTeacher] = divergence(logP, logM);
      const [fromStudent, gradient] = divergenceTo(logM, logQ); // m moves with q, but that cancels with KL(p || m)
      return [
        tf.add(tf.mul(fromTeacher, teacherWeight), tf.mul(fromStudent, 1 - teacherWeight)),
        tf.mul(gradient, (1 - teacherWeight) / temperature),
      ];
    }),
  );
}
