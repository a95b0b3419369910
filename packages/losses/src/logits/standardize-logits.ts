import * as tf from '@tensorflow/tfjs-core';
import { checkLogits } from '../internal/checks.ts';
import { checkClasses } from '../internal/classes.ts';
import { detach } from '../internal/detach.ts';

/** `standardizeLogits` of checked logits. */
export function standardized(logits: tf.Tensor2D): tf.Tensor2D {
  const below = tf.sub(logits, detach(tf.max(logits, 1, true))); // exactly 0 in a row of equal logits, however large
  const centred = tf.sub(below, tf.mean(below, 1, true));
  const variance = tf.div(tf.sum(tf.square(centred), 1, true), logits.shape[1] - 1);
  const varies = tf.cast(tf.greater(detach(variance), 0), 'float32');
  const deviation = tf.sqrt(tf.add(variance, tf.sub(1, varies))); // never of 0, which has no gradient
  return tf.div(tf.mul(centred, varies), tf.add(deviation, 1e-7));
}

/**
 * Logits with mean 0 and standard deviation 1 in each row, for any loss that should compare how a student ranks classes
 * but not how large its logits are.
 *
 * `z = (logits - mean(logits)) / (1e-7 + std(logits))`, with the unbiased standard deviation (divided by classes - 1)
 *
 * The gradient flows through mean and deviation too. A row of equal logits becomes zeros, and gives no gradient.
 *
 * @param logits float32 [batch, classes], 2 classes or more
 * @returns float32 [batch, classes]
 * @throws {KdError} SHAPE_MISMATCH if logits are no matrix, INVALID_ARGUMENT if there is 1 class
 *
 * Reference: Sun et al. 2024, "Logit Standardization in Knowledge Distillation"; agrees with the authors'
 * code. `tf.moments` has the other variance, divided by the number of classes.
 *
 * @example
 * import { standardizeLogits } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const z = standardizeLogits(tf.tensor2d([[10, 20, 30]]));
 * console.log([...z.dataSync()].map((x) => x.toFixed(2)).join(' ')); // -1.00 0.00 1.00
 */
export function standardizeLogits(logits: tf.Tensor2D): tf.Tensor2D {
  checkLogits('standardizeLogits', 'logits', logits);
  checkClasses('standardizeLogits', logits.shape[1], 2, 'one logit has no deviation');
  return tf.tidy(() => standardized(logits));
}
