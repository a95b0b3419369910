import * as tf from '@tensorflow/tfjs-core';

/**
 * The same values, cut off from the tape: what PyTorch calls `detach` and TF.js lacks. A custom gradient without inputs
 * leaves no path back, so also operations that autodiff cannot cross may follow.
 */
export function detach<T extends tf.Tensor>(x: T): T {
  return tf.customGrad(() => ({ value: tf.clone(x), gradFunc: () => [] }))() as T;
}
