import * as tf from '@tensorflow/tfjs-core';
import { runKernelOp } from '../kernel.ts';

/** Share of a normal distribution below each value. */
const cumulative = (x: tf.Tensor): tf.Tensor => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);

/**
 * The Gaussian error linear unit, by the error function and not by its approximation with tanh.
 *
 * `output = x (1 + erf(x / sqrt 2)) / 2`
 *
 * Kernels `KdGelu` and `KdGeluGrad` where the backend has them.
 *
 * @param x float32, any shape
 *
 * Reference: Hendrycks and Gimpel 2016, "Gaussian Error Linear Units"; value and gradient checked against doubles.
 *
 * @example
 * import { gelu } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * console.log(gelu(tf.tensor1d([1])).dataSync()[0].toFixed(4)); // 0.8413
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => {
    const [output] = runKernelOp({
      name: 'KdGelu',
      inputs: { x },
      kept: ['x'],
      forward: () => [tf.mul(x, cumulative(x))],
      backward: (dy, [input]) => {
        const density = tf.mul(tf.exp(tf.mul(tf.square(input!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return [tf.mul(dy, tf.add(cumulative(input!), tf.mul(input!, density)))];
      },
    });
    return output as T;
  });
}
