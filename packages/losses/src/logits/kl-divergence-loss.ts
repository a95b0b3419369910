import * as tf from '@tensorflow/tfjs-core';
import { checkPair } from '../internal/checks.ts';
import { divergenceFrom } from '../internal/divergence.ts';
import { any, checkOptions, oneOf, positive } from '../internal/options.ts';
import { type Reduction, reduce } from '../internal/reduce.ts';
import { rowWeights, type SampleOptions } from '../internal/samples.ts';

export interface KlDivergenceOptions extends SampleOptions {
  /** Softens both distributions: `softmax(logits / temperature)`. > 0. @default 4 */
  temperature?: number;
  /** `'none'` gives one loss for each sample. @default 'mean' */
  reduction?: Reduction;
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
 * console.log(klDivergenceLoss(student, teacher, undefined, { temperature: 5 }).dataSync()[0].toFixed(4)); // 0
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
  const caller = 'klDivergenceLoss';
  const { temperature = 4, reduction = 'mean' } = options;
  checkOptions(caller, options, {
    temperature: positive,
    reduction: oneOf('mean', 'sum', 'none'),
    sampleWeights: any,
    mask: any,
  });
  checkPair(caller, studentLogits, teacherLogits);
  return tf.tidy(() => {
    const logP = tf.logSoftmax(tf.div(teacherLogits, temperature));
    const rows = tf.mul<tf.Tensor1D>(divergenceFrom(logP, studentLogits, temperature), temperature * temperature);
    return reduce(rows, reduction, rowWeights(caller, studentLogits.shape[0], options));
  });
}
