import * as tf from '@tensorflow/tfjs-core';
import { customGrad } from './custom-grad.ts';

/** `sum(x^2 / 2 where |x| < 1, |x| - 1/2 elsewhere)`; its gradient is x, clipped to [-1, 1]. */
export function smoothL1Sum(x: tf.Tensor): tf.Scalar {
  return customGrad(x, (x) => {
    const slope = tf.clipByValue(x, -1, 1);
    return [
      tf.sum<tf.Scalar>(tf.mul(slope, tf.sub(x, tf.div(slope, 2)))),
      [slope],
      (dy, [slope]) => tf.mul(dy, slope!),
    ];
  });
}
