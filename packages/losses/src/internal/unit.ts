import * as tf from '@tensorflow/tfjs-core';
import { customGrad } from './custom-grad.ts';

/**
 * `x / |x|` along an axis; 0, with no gradient, where `|x|` is 0.
 *
 * The gradient is written out: that of a norm is NaN at 0. Dividing by the largest value first keeps squares in range.
 */
export function unit<T extends tf.Tensor>(x: T, axis: number): T {
  return customGrad(x, (x) => {
    const largest = tf.max(tf.abs(x), axis, true);
    const present = tf.greater(largest, 1e-30);
    const scale = tf.where(present, largest, 1);
    const scaled = tf.div(x, scale);
    const inverse = tf.where(present, tf.rsqrt(tf.maximum(tf.sum(tf.square(scaled), axis, true), 1)), 0);
    const y = tf.mul<T>(scaled, inverse);
    return [
      y,
      [y, tf.div(inverse, scale)],
      (dy, [y, inverse]) => tf.mul(inverse!, tf.sub(dy, tf.mul(y!, tf.sum(tf.mul(dy, y!), axis, true)))),
    ];
  });
}
