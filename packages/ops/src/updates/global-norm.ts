import * as tf from '@tensorflow/tfjs-core';

/**
 * The Euclidean norm of all values of some tensors together, as for clipping gradients.
 *
 * `norm = sqrt(sum_i sum(tensors[i]^2))`
 *
 * @param tensors float32, any shapes; of none the norm is 0
 *
 * Reference: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks"; `tf.linalg.global_norm`.
 *
 * @example
 * import { globalNorm } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * console.log(globalNorm([tf.tensor1d([3, 0]), tf.scalar(4)]).dataSync()[0]); // 5
 */
export function globalNorm(tensors: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => {
    if (tensors.length === 0) return tf.scalar(0);
    return tf.sqrt(tf.sum<tf.Scalar>(tf.stack(tensors.map((tensor) => tf.sum(tf.square(tensor))))));
  });
}
