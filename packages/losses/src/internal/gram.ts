import * as tf from '@tensorflow/tfjs-core';
import { customGrad } from './custom-grad.ts';

/** `x x^T`. The gradient is one product instead of two, and no transposed one: WebAssembly is slow at those. */
export function gram(x: tf.Tensor2D): tf.Tensor2D {
  return customGrad(x, (x) => [
    tf.matMul(x, tf.transpose(x)),
    [x],
    (dy, [x]) => tf.matMul(tf.add(dy, tf.transpose(dy)), x!),
  ]);
}
