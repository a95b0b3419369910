import * as tf from '@tensorflow/tfjs-core';
import { checkLogits } from '../internal/checks.ts';
import { checkOptions, positive, type Rule } from '../internal/options.ts';

/** What is kept of a teacher's distributions: the k likeliest classes of each sample. */
export interface SparseTargets {
  /** float32 [batch, k], each row descending; sums to 1 or less */
  probabilities: tf.Tensor2D;
  /** int32 [batch, k]: the classes that they belong to */
  indices: tf.Tensor2D;
}

export interface TopKTargetsOptions {
  /** Softens the distribution: `softmax(logits / temperature)`. > 0. @default 1 */
  temperature?: number;
}

/**
 * The k largest probabilities of each row and their classes, small enough to be stored for a whole data set: 10 of
 * 1000 classes are 80 bytes a sample instead of 4000.
 *
 * `probabilities, indices = topk(softmax(logits / T), k)`
 *
 * The temperature is stored with them: it cannot be changed afterwards. `sparseDistillationLoss` learns from them.
 *
 * @param teacherLogits float32 [batch, classes]
 * @param k how many classes to keep, a whole number in [1, classes]
 * @returns two tensors, to dispose one by one
 * @throws {KdError} SHAPE_MISMATCH if logits are no matrix, INVALID_ARGUMENT if k or an option is out of range
 *
 * Reference: Wu et al. 2022, "TinyViT: Fast Pretraining Distillation for Small Vision Transformers".
 *
 * @example
 * import { topKTargets } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const { indices } = topKTargets(tf.tensor2d([[0, 3, 1, 2]]), 2);
 * console.log([...indices.dataSync()].join(' ')); // 1 3
 */
export function topKTargets(teacherLogits: tf.Tensor2D, k: number, options: TopKTargetsOptions = {}): SparseTargets {
  checkLogits('topKTargets', 'teacherLogits', teacherLogits);
  const classes = teacherLogits.shape[1];
  const count: Rule = (n: number) =>
    (Number.isInteger(n) && n > 0 && n <= classes) || `a whole number in [1, ${classes}]`;
  checkOptions('topKTargets', { ...options, k }, { temperature: positive, k: count });
  const { temperature = 1 } = options;
  const { values, indices } = tf.tidy(() => {
    return tf.topk(tf.softmax(tf.div(teacherLogits, temperature)), k);
  });
  return { probabilities: values as tf.Tensor2D, indices: indices as tf.Tensor2D };
}
