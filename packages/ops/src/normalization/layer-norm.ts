import * as tf from '@tensorflow/tfjs-core';
import { checkChannels } from '../checks.ts';
import { runKernelOp } from '../kernel.ts';

/** Sums over all dimensions but the last. */
const sumRows = (x: tf.Tensor): tf.Tensor => tf.sum(tf.reshape(x, [-1, x.shape[x.rank - 1]!]), 0);

/**
 * Layer normalisation over the last dimension.
 *
 * `output = gamma * (x - mean) / sqrt(variance + epsilon) + beta`, statistics of each row of channels
 *
 * Kernels `KdLayerNorm` and `KdLayerNormGrad` where the backend has them.
 *
 * @param x float32 [..., channels]
 * @param gamma float32 [channels]
 * @param beta float32 [channels]
 * @param epsilon > 0; ViT and timm 1e-6, Hugging Face's ViT 1e-12, Keras 1e-3, PyTorch 1e-5. @default 1e-6
 * @returns float32, the shape of x
 * @throws {KdError} SHAPE_MISMATCH if gamma or beta do not fit x
 *
 * Reference: Ba, Kiros and Hinton 2016, "Layer Normalization"; value and gradients checked against doubles.
 *
 * @example
 * import { layerNorm } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const y = layerNorm(tf.tensor2d([[1, 3], [10, 30]]), tf.ones([2]), tf.zeros([2]));
 * console.log(Array.from(y.dataSync(), (value) => value.toFixed(2)).join(' ')); // -1.00 1.00 -1.00 1.00
 */
export function layerNorm<T extends tf.Tensor>(x: T, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon = 1e-6): T {
  checkChannels('layerNorm', x, { gamma, beta });
  return tf.tidy(() => {
    const [output] = runKernelOp({
      name: 'KdLayerNorm',
      inputs: { x, gamma, beta },
      attrs: { epsilon },
      kept: ['x', 'gamma'],
      forward: () => {
        const { mean, variance } = tf.moments(x, -1, true);
        const inverse = tf.rsqrt(tf.add(variance, epsilon));
        return [tf.add(tf.mul(tf.mul(tf.sub(x, mean), inverse), gamma), beta), mean, inverse];
      },
      backward: (dy, [input, scale], [mean, inverse]) => {
        const normalised = tf.mul(tf.sub(input!, mean!), inverse!);
        const upstream = tf.mul(dy, scale!);
        const along = tf.mul(normalised, tf.mean(tf.mul(upstream, normalised), -1, true));
        const dx = tf.mul(tf.sub(upstream, tf.add(along, tf.mean(upstream, -1, true))), inverse!);
        return [dx, sumRows(tf.mul(dy, normalised)), sumRows(dy)];
      },
    });
    return output as T;
  });
}
