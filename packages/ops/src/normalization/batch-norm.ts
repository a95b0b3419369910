import * as tf from '@tensorflow/tfjs-core';
import { checkChannels } from '../checks.ts';
import { opError } from '../errors.ts';
import { runKernelOp } from '../kernel.ts';

export interface BatchNormTraining<T extends tf.Tensor> {
  /** Shape of the input. */
  output: T;
  /** float32 [channels]; no gradient flows through it. */
  mean: tf.Tensor1D;
  /** float32 [channels], divided by the number of values and not by one less; no gradient flows through it. */
  variance: tf.Tensor1D;
}

/**
 * Batch normalisation by the statistics of the batch.
 *
 * `output = gamma * (x - mean) / sqrt(variance + epsilon) + beta`, statistics over all dimensions but the last
 *
 * @param x float32 [..., channels], two values a channel or more
 * @param gamma float32 [channels]
 * @param beta float32 [channels]
 * @param epsilon > 0; Keras and TF.js 1e-3, PyTorch 1e-5. @default 1e-3
 * @throws {KdError} SHAPE_MISMATCH if gamma or beta do not fit x; INVALID_ARGUMENT if there is one value a channel
 *
 * The running statistics are the caller's: see `updateRunningStatistics`. Kernels `KdBatchNorm` and `KdBatchNormGrad`
 * where the backend has them.
 *
 * Reference: Ioffe and Szegedy 2015, "Batch Normalization"; value and gradients checked against doubles.
 *
 * @example
 * import { batchNormTraining } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const { mean } = batchNormTraining(tf.tensor2d([[1, 2], [3, 6]]), tf.ones([2]), tf.zeros([2]));
 * console.log(Array.from(mean.dataSync())); // [ 2, 4 ]
 */
export function batchNormTraining<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon = 1e-3,
): BatchNormTraining<T> {
  checkChannels('batchNormTraining', x, { gamma, beta });
  const axes = Array.from({ length: x.rank - 1 }, (_, i) => i);
  const count = x.size / gamma.size;
  if (count < 2) {
    throw opError(
      'INVALID_ARGUMENT',
      `batchNormTraining: x [${x.shape}] has ${count} value a channel, which has no variance; ` +
        'use a batch of two or more (dropLast in the loader), or run the layer in inference mode',
      { x: x.shape },
    );
  }
  return tf.tidy((): BatchNormTraining<T> & tf.TensorContainerObject => {
    const [output, mean, variance] = runKernelOp({
      name: 'KdBatchNorm',
      inputs: { x, gamma, beta },
      attrs: { epsilon },
      kept: ['x', 'gamma'],
      extras: 2,
      forward: () => {
        const { mean, variance } = tf.moments(x, axes);
        const inverse = tf.rsqrt(tf.add(variance, epsilon));
        const normalised = tf.mul(tf.sub(x, mean), inverse);
        return [tf.add(tf.mul(normalised, gamma), beta), mean, variance, mean, inverse];
      },
      backward: (dy, [input, scale], [mean, inverse]) => {
        const normalised = tf.mul(tf.sub(input!, mean!), inverse!); // again: to keep it costs the memory of x
        const dBeta = tf.sum(dy, axes);
        const dGamma = tf.sum(tf.mul(dy, normalised), axes);
        const centred = tf.sub(dy, tf.add(tf.mul(normalised, tf.div(dGamma, count)), tf.div(dBeta, count)));
        return [tf.mul(centred, tf.mul(scale!, inverse!)), dGamma, dBeta];
      },
    }) as [T, tf.Tensor1D, tf.Tensor1D];
    return { output, mean, variance };
  });
}

/**
 * Batch normalisation by given statistics, as in inference.
 *
 * `output = gamma * (x - mean) / sqrt(variance + epsilon) + beta`
 *
 * @param x float32 [..., channels]
 * @param gamma float32 [channels]; so are beta, mean and variance
 * @param epsilon > 0. @default 1e-3
 * @throws {KdError} SHAPE_MISMATCH if a parameter does not fit x
 *
 * @example
 * import { batchNormInference } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const ones = tf.ones<tf.Rank.R1>([2]);
 * const y = batchNormInference(tf.tensor2d([[3, 5]]), ones, ones, ones, tf.fill([2], 4), 0);
 * console.log(Array.from(y.dataSync())); // [ 2, 3 ]
 */
export function batchNormInference<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  epsilon = 1e-3,
): T {
  checkChannels('batchNormInference', x, { gamma, beta, mean, variance });
  return tf.tidy(() => {
    const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
    const shift = tf.sub(beta, tf.mul(mean, scale));
    return tf.add(tf.mul(x, scale), shift) as T;
  });
}
