import * as tf from '@tensorflow/tfjs-core';
import { hasKernels, runKernel } from '../kernel.ts';

/**
 * The ReLU of MobileNet, which ends at 6.
 *
 * `output = min(max(x, 0), 6)`; the gradient passes where `0 < output < 6`
 *
 * It keeps its output for the gradient, so its input can be freed. Kernel `KdRelu6Grad` where the backend has it.
 *
 * @param x float32, any shape
 *
 * Reference: Howard et al. 2017, "MobileNets"; the gradient is 0 at 0 and at 6 as in PyTorch and TensorFlow (TF.js' own
 * passes it at 6).
 *
 * @example
 * import { relu6 } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * console.log(Array.from(relu6(tf.tensor1d([-1, 3, 9])).dataSync())); // [ 0, 3, 6 ]
 */
export function relu6<T extends tf.Tensor>(x: T): T {
  const clip = tf.customGrad((input, save) => {
    const value = tf.relu6(input as T);
    (save as (tensors: tf.Tensor[]) => void)([value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const y = saved[0]!;
        if (hasKernels('KdRelu6Grad')) return runKernel('KdRelu6Grad', { dy, y }, {})[0]!;
        return tf.where(tf.logicalAnd(tf.greater(y, 0), tf.less(y, 6)), dy, tf.zerosLike(dy));
      },
    };
  });
  return clip(x) as T;
}
