import * as tf from '@tensorflow/tfjs-core';

/** `a . b`. Its gradients transpose apart from the product: WebAssembly is ten times slower at a transposed one. */
export function product(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return tf.customGrad((...args) => {
    const [a, b, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, (tensors: tf.Tensor[]) => void];
    save([a, b]);
    return {
      value: tf.matMul(a, b),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [a, b] = saved as [tf.Tensor2D, tf.Tensor2D];
        return [tf.matMul(dy, tf.transpose(b)), tf.matMul(tf.transpose(a), dy)];
      },
    };
  })(a, b) as tf.Tensor2D;
}
