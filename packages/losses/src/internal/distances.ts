import * as tf from '@tensorflow/tfjs-core';
import { customGrad } from './custom-grad.ts';
import type { Present } from './relations.ts';

/**
 * Euclidean distances between the rows of x, [batch, batch]; 0, with no gradient, for what does not count and for rows
 * that are the same.
 *
 * They come from the inner products, so nothing of [batch, batch, features] is made. That cancels where rows are close:
 * the mean is taken off first, and what is left below a thousandth of a row's length is rounding and counts as 0.
 */
export function distances(x: tf.Tensor2D, { count, weights }: Present): tf.Tensor2D {
  return customGrad(x, (x) => {
    const centred = tf.sub<tf.Tensor2D>(x, tf.div(tf.sum(x, 0), count));
    const products = tf.matMul(centred, tf.transpose(centred));
    const same = tf.eye(centred.shape[0]);
    const squares = tf.sum(tf.mul(products, same), 1, true);
    const largest = tf.add(squares, tf.transpose(squares));
    const squared = tf.sub(largest, tf.mul(products, 2));
    let apart = tf.mul(tf.cast(tf.greater(squared, tf.mul(largest, 1e-6)), 'float32'), tf.sub(1, same));
    if (weights) apart = tf.mul(apart, tf.mul(weights, tf.expandDims(weights, 1)));
    const distance = tf.sqrt(tf.where(tf.cast(apart, 'bool'), squared, 0)) as tf.Tensor2D;
    return [
      distance,
      [centred, tf.divNoNan(apart, distance)],
      (dy, [centred, inverse]) => {
        const pull = tf.mul<tf.Tensor2D>(tf.add(dy, tf.transpose(dy)), inverse!);
        return tf.sub(tf.mul(tf.sum(pull, 1, true), centred!), tf.matMul(pull, centred as tf.Tensor2D));
      },
    ];
  });
}
