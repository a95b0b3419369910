import * as tf from '@tensorflow/tfjs-core';
import { opError } from '../errors.ts';
import { globalNorm } from './global-norm.ts';

/**
 * Scales tensors down so that their norm together is at most `maxNorm`; shorter ones keep their bits.
 *
 * `clipped = tensors * min(1, maxNorm / globalNorm(tensors))`
 *
 * @param tensors float32, any shapes
 * @param maxNorm > 0
 * @returns new tensors, and the norm before
 * @throws {KdError} INVALID_ARGUMENT if maxNorm is not > 0
 *
 * Reference: Pascanu et al. 2013; `tf.clip_by_global_norm`, and `torch.nn.utils.clip_grad_norm_`, which adds 1e-6 to the
 * norm.
 *
 * @example
 * import { clipByGlobalNorm } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const { clipped, norm } = clipByGlobalNorm([tf.tensor1d([3]), tf.tensor1d([4])], 1);
 * console.log(norm.dataSync()[0], clipped[1].dataSync()[0].toFixed(2)); // 5 0.80
 */
export function clipByGlobalNorm(
  tensors: readonly tf.Tensor[],
  maxNorm: number,
): { clipped: tf.Tensor[]; norm: tf.Scalar } {
  if (!(maxNorm > 0)) {
    throw opError('INVALID_ARGUMENT', `clipByGlobalNorm: maxNorm must be > 0, got ${maxNorm}`, { maxNorm });
  }
  return tf.tidy(() => {
    const norm = globalNorm(tensors);
    // Exactly 1 for short ones.
    const factor = tf.div(maxNorm, tf.maximum(norm, maxNorm));
    return { clipped: tensors.map((tensor) => tf.mul(tensor, factor)), norm };
  });
}
