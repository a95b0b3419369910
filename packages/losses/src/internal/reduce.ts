import * as tf from '@tensorflow/tfjs-core';

/** How per-sample losses become one number: their mean, their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';

/**
 * @param rows float32 [batch]
 * @param weights float32 [batch]; the mean divides by their sum, and is 0 where that is 0
 */
export function reduce(rows: tf.Tensor1D, reduction: Reduction, weights?: tf.Tensor1D): tf.Scalar | tf.Tensor1D {
  // Selected as well as multiplied: what does not count may be infinite.
  const weighted = weights
    ? tf.where(tf.greater(weights, 0), tf.mul<tf.Tensor1D>(rows, weights), tf.zerosLike(rows))
    : rows;
  if (reduction === 'none') return weighted;
  if (reduction === 'sum') return tf.sum<tf.Scalar>(weighted);
  return weights
    ? tf.div<tf.Scalar>(tf.sum(weighted), tf.maximum(tf.sum(weights), 1e-30))
    : tf.mean<tf.Scalar>(weighted);
}
