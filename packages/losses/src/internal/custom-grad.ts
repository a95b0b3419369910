import * as tf from '@tensorflow/tfjs-core';

/**
 * `tf.customGrad` of one tensor: `f` gives the value, what the gradient needs of it, and the gradient. Tensors that `f`
 * captures are constant, and it may use operations that autodiff cannot cross.
 */
export function customGrad<X extends tf.Tensor, Y extends tf.Tensor>(
  x: X,
  f: (x: X) => [value: Y, kept: tf.Tensor[], gradient: (dy: Y, kept: tf.Tensor[]) => tf.Tensor],
): Y {
  return tf.customGrad<Y>((x, save) => {
    const [value, kept, gradFunc] = f(x as X);
    (save as (tensors: tf.Tensor[]) => void)(kept);
    return { value, gradFunc };
  })(x);
}
