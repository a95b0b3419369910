import * as tf from '@tensorflow/tfjs-core';
import { opError } from './errors.ts';

export interface BatchNormTraining<T extends tf.Tensor> {
  /** Shape of the input. */
  output: T;
  /** float32 [channels]; no gradient flows through it. */
  mean: tf.Tensor1D;
  /** float32 [channels], divided by the number of values and not by one less; no gradient flows through it. */
  variance: tf.Tensor1D;
}

function checkChannels(caller: string, x: tf.Tensor, perChannel: Record<string, tf.Tensor>): void {
  const channels = x.shape[x.rank - 1];
  for (const [name, tensor] of Object.entries(perChannel)) {
    if (tensor.rank !== 1 || tensor.shape[0] !== channels) {
      throw opError(
        'SHAPE_MISMATCH',
        `${caller}: ${name} must have shape [${channels}], the last dimension of x [${x.shape}], got [${tensor.shape}]`,
        { x: x.shape, [name]: tensor.shape },
      );
    }
  }
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
 * Reference: Ioffe and Szegedy 2015, "Batch Normalization"; value and gradients checked against TF.js' autodiff of the
 * formula and finite differences.
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
    // Without inputs, so that the statistics are constants to autodiff: their gradient is part of the one below.
    const [mean, variance] = tf.unstack(
      tf.customGrad(() => {
        const { mean, variance } = tf.moments(x, axes);
        return { value: tf.stack([mean, variance]), gradFunc: () => [] };
      })(),
    ) as [tf.Tensor1D, tf.Tensor1D];
    const normalise = tf.customGrad((...args) => {
      const [input, scale, shift, save] = args as unknown as [T, tf.Tensor1D, tf.Tensor1D, (t: tf.Tensor[]) => void];
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      const normalised = tf.mul(tf.sub(input, mean), inverse);
      save([normalised, inverse, scale]);
      return {
        value: tf.add(tf.mul(normalised, scale), shift),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
          const [xHat, inverseStd, weight] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
          const dBeta = tf.sum(dy, axes);
          const dGamma = tf.sum(tf.mul(dy, xHat), axes);
          const centred = tf.sub(dy, tf.add(tf.mul(xHat, tf.div(dGamma, count)), tf.div(dBeta, count)));
          return [tf.mul(centred, tf.mul(weight, inverseStd)), dGamma, dBeta];
        },
      };
    });
    return { output: normalise(x, gamma, beta) as T, mean, variance };
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
