import * as tf from '@tensorflow/tfjs-core';
import { checkFeatures, MAPS } from '../internal/features.ts';
import { count } from '../internal/layers.ts';
import { checkOptions } from '../internal/options.ts';
import { averagePool } from '../internal/resample.ts';

/**
 * Maps averaged to another height and width, so that maps of a student and a teacher can be compared.
 *
 * Cell i of n, of a side of length m, is the mean from `floor(i * m / n)` to `ceil((i + 1) * m / n)`: any ratio will do,
 * and enlarging repeats. It has no variables; its gradient works on every backend.
 *
 * @param features float32 [batch, height, width, channels]
 * @returns float32 [batch, ...size, channels]
 * @throws {KdError} SHAPE_MISMATCH if the features are no maps, INVALID_ARGUMENT if a size is no whole number above 0
 *
 * Reference: torch.nn.functional.adaptive_avg_pool2d; values agree.
 *
 * @example
 * import { poolTo } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const maps = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]);
 * console.log(Array.from(poolTo(maps, [1, 2]).dataSync())); // [ 3, 4 ]
 */
export function poolTo(features: tf.Tensor4D, size: readonly [height: number, width: number]): tf.Tensor4D {
  checkFeatures('poolTo', 'features', features, MAPS);
  checkOptions('poolTo', { height: size[0], width: size[1] }, { height: count, width: count });
  return tf.tidy(() => averagePool(features, size));
}
