import * as tf from '@tensorflow/tfjs-core';
import { checkLogits, checkTensor } from '../internal/checks.ts';
import { fail } from '../internal/errors.ts';
import { any, positive } from '../internal/options.ts';
import { type RowOptions, rowLoss } from '../internal/rows.ts';
import { softCrossEntropy } from '../internal/soft-cross-entropy.ts';
import type { SparseTargets } from './top-k-targets.ts';

export interface SparseDistillationOptions extends RowOptions {
  /** Softens the student; must be the one that the targets were made with. > 0. @default 1 */
  temperature?: number;
  /** Check that every index is a class, which reads them back and waits for a GPU. @default true */
  validateTargets?: boolean;
}

/** The whole distributions, float32 [batch, classes]: what the k classes leave of 1, spread evenly over the others. */
function spread({ probabilities, indices }: SparseTargets, classes: number): tf.Tensor2D {
  const [batch, k] = probabilities.shape;
  const left = tf.relu(tf.sub(1, tf.sum(probabilities, 1, true))); // [batch, 1]; rounding may make the sum exceed 1
  const rest = tf.div(left, Math.max(classes - k, 1)); // nobody's where all classes are there
  const rows = tf.tile(tf.expandDims(tf.range(0, batch, 1, 'int32'), 1), [1, k]);
  const places = tf.reshape(tf.stack([rows, indices], 2), [batch * k, 2]);
  const above = tf.reshape(tf.sub(probabilities, rest), [batch * k]);
  return tf.add(tf.scatterND(places as tf.Tensor2D, above, [batch, classes]), rest);
}

/**
 * Cross-entropy with a teacher's k likeliest classes, as `topKTargets` gives them and a cache keeps them.
 *
 * `loss = -T^2 * mean_batch(sum_c p[c] * log q[c])`, with `q = softmax(student / T)` and `p` the stored probabilities,
 * in all other classes `(1 - sum(probabilities)) / (classes - k)`
 *
 * A cross-entropy: where student and targets are equal it is the targets' entropy, without gradient. The distributions
 * are made whole while it computes, so it needs as much memory as `klDivergenceLoss`; the targets get no gradient.
 *
 * @param studentLogits float32 [batch, classes]
 * @param targets probabilities float32 [batch, k] and indices int32 [batch, k], no class twice in a row, k <= classes
 * @param _labels not used; its place is kept so that losses on logits can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes do not fit, INVALID_ARGUMENT if an index or an option is out of range
 *
 * Reference: Wu et al. 2022, "TinyViT: Fast Pretraining Distillation for Small Vision Transformers", with
 * k = 100 and T = 1; value and gradient agree with the definition in float64.
 *
 * @example
 * import { sparseDistillationLoss, topKTargets } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const targets = topKTargets(tf.tensor2d([[4, -2, 1], [0, 5, 3]]), 2);
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * console.log(sparseDistillationLoss(student, targets).dataSync()[0].toFixed(4)); // 0.3480
 */
export function sparseDistillationLoss(
  studentLogits: tf.Tensor2D,
  targets: SparseTargets,
  _labels: tf.Tensor1D | undefined,
  options: SparseDistillationOptions & { reduction: 'none' },
): tf.Tensor1D;
export function sparseDistillationLoss(
  studentLogits: tf.Tensor2D,
  targets: SparseTargets,
  _labels?: tf.Tensor1D,
  options?: SparseDistillationOptions,
): tf.Scalar;
export function sparseDistillationLoss(
  studentLogits: tf.Tensor2D,
  targets: SparseTargets,
  _labels?: tf.Tensor1D,
  options: SparseDistillationOptions = {},
): tf.Scalar | tf.Tensor1D {
  const caller = 'sparseDistillationLoss';
  const { temperature = 1, validateTargets = true } = options;
  checkLogits(caller, 'studentLogits', studentLogits);
  const [batch, classes] = studentLogits.shape;
  const { probabilities, indices } = targets;
  const k = indices?.shape?.[1];
  const shape = [batch, k && k <= classes ? k : `k <= ${classes}`];
  checkTensor(caller, 'indices', indices, 'int32', shape);
  checkTensor(caller, 'probabilities', probabilities, 'float32', shape);
  if (validateTargets) {
    const index = indices.dataSync().find((each) => !(each >= 0 && each < classes));
    if (index !== undefined) fail('INVALID_ARGUMENT', caller, `index ${index} is not in [0, ${classes})`, { index });
  }
  return rowLoss(caller, batch, options, { temperature: positive, validateTargets: any }, () => {
    const rows = softCrossEntropy(tf.div(studentLogits, temperature), spread(targets, classes));
    return tf.mul(rows, temperature * temperature);
  });
}
