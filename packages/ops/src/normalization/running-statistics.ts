import * as tf from '@tensorflow/tfjs-core';
import { opError } from '../errors.ts';
import { emaUpdate } from '../updates/ema-update.ts';

/** Mean and variance of each channel. */
export interface Statistics {
  /** float32 [channels]. */
  mean: tf.Tensor1D;
  /** float32 [channels]. */
  variance: tf.Tensor1D;
}

export interface RunningStatisticsOptions {
  /** In [0, 1]; what it is a share of, `momentumOf` says. @default 0.9 */
  momentum?: number;
  /**
   * `'old'` as Keras, TF.js and TensorFlow: `momentum` is what stays of the running statistics;
   * `'batch'` as PyTorch: it is what the batch adds, so that its 0.1 is 0.9 here. @default 'old'
   */
  momentumOf?: 'old' | 'batch';
  /** Divide the variance by n - 1 as PyTorch does, not by n as Keras and tfjs-layers. @default false */
  unbiasedVariance?: boolean;
}

/**
 * The running statistics of a batch-norm after one more batch, as new tensors.
 *
 * `new = momentum * old + (1 - momentum) * batch`, or with `momentumOf: 'batch'`
 * `new = (1 - momentum) * old + momentum * batch`
 *
 * @param running statistics before the batch
 * @param batch statistics of the batch, as `batchNormTraining` gives them: the variance divided by n
 * @param count values a channel in the batch (n): `x.size / channels`
 * @throws {KdError} INVALID_ARGUMENT if momentum is out of range, or if the variance of one value shall be unbiased
 *
 * Reference: `BatchNormalization` of tfjs-layers 4.22 and Keras, `torch.nn.BatchNorm2d`.
 *
 * @example
 * import { updateRunningStatistics } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs-core';
 * const running = { mean: tf.tensor1d([0]), variance: tf.tensor1d([1]) };
 * const batch = { mean: tf.tensor1d([1]), variance: tf.tensor1d([3]) };
 * const torch = { momentum: 0.5, momentumOf: 'batch', unbiasedVariance: true } as const;
 * const { mean, variance } = updateRunningStatistics(running, batch, 4, torch);
 * console.log(mean.dataSync()[0], variance.dataSync()[0]); // 0.5 2.5
 */
export function updateRunningStatistics(
  running: Statistics,
  batch: Statistics,
  count: number,
  { momentum = 0.9, momentumOf = 'old', unbiasedVariance = false }: RunningStatisticsOptions = {},
): Statistics {
  if (!(momentum >= 0 && momentum <= 1)) {
    throw opError('INVALID_ARGUMENT', `updateRunningStatistics: momentum must be in [0, 1], got ${momentum}`, {
      momentum,
    });
  }
  if (unbiasedVariance && !(count > 1)) {
    throw opError('INVALID_ARGUMENT', `updateRunningStatistics: ${count} value has no unbiased variance`, { count });
  }
  const decay = momentumOf === 'old' ? momentum : 1 - momentum;
  return tf.tidy((): Statistics & tf.TensorContainerObject => {
    const variance = unbiasedVariance ? tf.mul(batch.variance, count / (count - 1)) : batch.variance;
    return {
      mean: emaUpdate(running.mean, batch.mean, decay),
      variance: emaUpdate(running.variance, variance as tf.Tensor1D, decay),
    };
  });
}
