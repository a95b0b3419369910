import * as tf from '@tensorflow/tfjs-core';
import { checkLogits } from '../internal/checks.ts';
import { atLabel, isLabel } from '../internal/classes.ts';
import { share } from '../internal/options.ts';
import { type LabelOptions, labelledLoss, type RowOptions } from '../internal/rows.ts';

export interface CrossEntropyOptions extends RowOptions, LabelOptions {
  /** Share of the target that is spread evenly over all classes, in [0, 1]. @default 0 */
  labelSmoothing?: number;
}

/** Per-sample cross-entropy of checked arguments. */
export function crossEntropyRows(logits: tf.Tensor2D, labels: tf.Tensor1D, labelSmoothing: number): tf.Tensor1D {
  const logQ = tf.logSoftmax(logits); // [batch, classes]
  const hard = tf.neg(atLabel(logQ, isLabel(labels, logits.shape[1])));
  if (labelSmoothing === 0) return hard;
  const even = tf.neg(tf.mean(logQ, 1));
  return tf.add(tf.mul(hard, 1 - labelSmoothing), tf.mul(even, labelSmoothing));
}

/**
 * Cross-entropy of logits with class labels.
 *
 * `loss = -(1 - e) * log q[y] - e * mean_c(log q[c])`, with `q = softmax(logits)` and `e = labelSmoothing`
 *
 * 'mean' is the mean over the samples that count: the weighted sum, divided by the sum of the weights.
 *
 * @param logits float32 [batch, classes]
 * @param labels int32 [batch], each in [0, classes)
 * @returns scalar for 'mean' and 'sum', float32 [batch] for 'none'
 * @throws {KdError} SHAPE_MISMATCH if the batch sizes differ, INVALID_ARGUMENT if a label or an option is out of range
 *
 * Reference: torch.nn.functional.cross_entropy and timm's LabelSmoothingCrossEntropy; value and gradient agree.
 *
 * @example
 * import { crossEntropy } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const loss = crossEntropy(tf.tensor2d([[2, -1], [0, 3]]), tf.tensor1d([0, 1], 'int32'));
 * console.log(loss.dataSync()[0].toFixed(4)); // 0.0486
 */
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: CrossEntropyOptions & { reduction: 'none' },
): tf.Tensor1D;
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D, options?: CrossEntropyOptions): tf.Scalar;
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: CrossEntropyOptions = {},
): tf.Scalar | tf.Tensor1D {
  const { labelSmoothing = 0 } = options;
  checkLogits('crossEntropy', 'logits', logits);
  return labelledLoss('crossEntropy', logits.shape, labels, options, { labelSmoothing: share }, (known) =>
    crossEntropyRows(logits, known, labelSmoothing),
  );
}
