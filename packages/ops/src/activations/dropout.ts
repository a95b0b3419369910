import * as tf from '@tensorflow/tfjs-core';
import { checkSameShape } from '../checks.ts';
import { opError } from '../errors.ts';

/**
 * Dropout with a given mask, scaled so that the expected value stays.
 *
 * `output = x * mask / (1 - rate)`
 *
 * TF.js' own dropout draws its mask inside; with a seed it draws the same one at every call. Here the caller draws it,
 * from the step's context, so that a step can be replayed (`dropoutMask` of `@kd/core`).
 *
 * @param x float32, any shape
 * @param mask float32 of the same shape: 1 keeps, 0 drops
 * @param rate share of units that the mask drops, in [0, 1)
 * @throws {KdError} SHAPE_MISMATCH, or INVALID_ARGUMENT if the rate is out of range
 *
 * Reference: Srivastava et al. 2014, "Dropout", in the inverted form of Keras and PyTorch.
 *
 * @example
 * import { dropout } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const y = dropout(tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([1, 0, 0, 1]), 0.5);
 * console.log(Array.from(y.dataSync())); // [ 2, 0, 0, 8 ]
 */
export function dropout<T extends tf.Tensor>(x: T, mask: T, rate: number): T {
  checkSameShape('dropout', { x, mask });
  if (!(rate >= 0 && rate < 1)) {
    throw opError('INVALID_ARGUMENT', `dropout: rate must be in [0, 1), got ${rate}`, { rate });
  }
  // tf.mul's own gradient would also make one for the mask.
  const masked = tf.customGrad((input, save) => {
    const scale = tf.div(mask, 1 - rate);
    (save as (tensors: tf.Tensor[]) => void)([scale]);
    return {
      value: tf.mul(input as T, scale),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0]!),
    };
  });
  return masked(x) as T;
}
