import type * as tf from '@tensorflow/tfjs-core';
import { checkLogits, checkTensor } from '../internal/checks.ts';
import { type RowOptions, rowLoss } from '../internal/rows.ts';
import { softCrossEntropy } from '../internal/soft-cross-entropy.ts';

/**
 * Cross-entropy of logits with target distributions: of labels that mixup or CutMix mixed, or of cached probabilities.
 *
 * `loss = -mean_batch(sum_c targets[c] * log q[c])`, with `q = softmax(logits)`
 *
 * Targets need not sum to 1: the gradient of a row is `sum(targets) * q - targets`, where
 * `tf.losses.softmaxCrossEntropy` has `q - targets` in any case. They are constants and get none.
 *
 * @param logits float32 [batch, classes]
 * @param targets float32 [batch, classes], >= 0
 * @param _labels not used; its place is kept so that losses on logits can be exchanged
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if an option is out of range
 *
 * Reference: timm's SoftTargetCrossEntropy and torch.nn.functional.cross_entropy with probabilities.
 *
 * @example
 * import { softTargetCrossEntropy } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const mixed = tf.tensor2d([[0.7, 0.3, 0]]); // 70 % of an image of class 0, 30 % of one of class 1
 * console.log(softTargetCrossEntropy(tf.tensor2d([[2, 1, -1]]), mixed).dataSync()[0].toFixed(4)); // 0.6490
 */
export function softTargetCrossEntropy(
  logits: tf.Tensor2D,
  targets: tf.Tensor2D,
  _labels: tf.Tensor1D | undefined,
  options: RowOptions & { reduction: 'none' },
): tf.Tensor1D;
export function softTargetCrossEntropy(
  logits: tf.Tensor2D,
  targets: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options?: RowOptions,
): tf.Scalar;
export function softTargetCrossEntropy(
  logits: tf.Tensor2D,
  targets: tf.Tensor2D,
  _labels?: tf.Tensor1D,
  options: RowOptions = {},
): tf.Scalar | tf.Tensor1D {
  checkLogits('softTargetCrossEntropy', 'logits', logits);
  checkTensor('softTargetCrossEntropy', 'targets', targets, 'float32', logits.shape, ' as logits');
  return rowLoss('softTargetCrossEntropy', logits.shape[0], options, {}, () => softCrossEntropy(logits, targets));
}
