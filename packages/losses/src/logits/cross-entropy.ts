import * as tf from '@tensorflow/tfjs-core';
import { checkLabels, checkLogits } from '../internal/checks.ts';
import { any, checkOptions, oneOf, share } from '../internal/options.ts';
import { type Reduction, reduce } from '../internal/reduce.ts';
import { rowWeights, type SampleOptions, withoutIgnored } from '../internal/samples.ts';

/** How labels are read. */
export interface LabelOptions {
  /** The label of samples that have none, such as PyTorch's -100: they count nothing. @default none */
  ignoreIndex?: number;
  /**
   * Check that every label is in [0, classes). It reads the labels back, which waits for a GPU; a trainer that has
   * checked them turns it off. @default true
   */
  validateLabels?: boolean;
}

export interface CrossEntropyOptions extends SampleOptions, LabelOptions {
  /** Share of the target that is spread evenly over all classes, in [0, 1]. @default 0 */
  labelSmoothing?: number;
  /** `'none'` gives one loss for each sample. @default 'mean' */
  reduction?: Reduction;
}

/** Per-sample cross-entropy of checked arguments. */
export function crossEntropyRows(logits: tf.Tensor2D, labels: tf.Tensor1D, labelSmoothing: number): tf.Tensor1D {
  const logQ = tf.logSoftmax(logits); // [batch, classes]
  // Selected, not multiplied: a class that is masked by -Infinity would make 0 * -Infinity of it. (And never oneHot as
  // float32: the WebAssembly backend writes anys there.)
  const isLabel = tf.cast(tf.oneHot(labels, logits.shape[1]), 'bool');
  const hard = tf.neg(tf.sum(tf.where(isLabel, logQ, tf.zerosLike(logQ)), 1)) as tf.Tensor1D; // [batch]
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
  const caller = 'crossEntropy';
  const { labelSmoothing = 0, reduction = 'mean', validateLabels, ignoreIndex } = options;
  checkOptions(caller, options, {
    labelSmoothing: share,
    reduction: oneOf('mean', 'sum', 'none'),
    sampleWeights: any,
    mask: any,
    ignoreIndex: any,
    validateLabels: any,
  });
  checkLogits(caller, 'logits', logits);
  checkLabels(caller, labels, logits.shape, validateLabels, ignoreIndex);
  return tf.tidy(() => {
    const [known, weights] = withoutIgnored(labels, rowWeights(caller, logits.shape[0], options), ignoreIndex);
    return reduce(crossEntropyRows(logits, known, labelSmoothing), reduction, weights);
  });
}
