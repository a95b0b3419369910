import * as tf from '@tensorflow/tfjs-core';
import { checkImages } from './windows.ts';

/**
 * The mean over height and width.
 *
 * `output[n, c] = mean_{i, j} x[n, i, j, c]`
 *
 * TF.js' own gradient of a mean multiplies by a tensor of ones that it makes on the processor.
 *
 * @param x float32 [batch, height, width, channels]
 * @returns float32 [batch, channels]
 * @throws {KdError} SHAPE_MISMATCH if x has another rank
 *
 * @example
 * import { globalAveragePool } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const x = tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]);
 * console.log(Array.from(globalAveragePool(x).dataSync())); // [ 3 ]
 */
export function globalAveragePool(x: tf.Tensor4D): tf.Tensor2D {
  checkImages('globalAveragePool', x);
  const [batch, height, width, channels] = x.shape;
  const pool = tf.customGrad((image) => ({
    value: tf.mean(image as tf.Tensor4D, [1, 2]),
    gradFunc: (dy: tf.Tensor) => {
      const share = tf.div(tf.reshape(dy, [batch, 1, 1, channels]), height * width);
      return tf.tile(share, [1, height, width, 1]);
    },
  }));
  return pool(x) as tf.Tensor2D;
}
