import * as tf from '@tensorflow/tfjs-core';
import { checkFeatures } from '../internal/features.ts';
import { connector, dense, draft, neighbourhoods } from '../internal/layers.ts';
import { share } from '../internal/options.ts';
import type { Connector, ConnectorOptions } from './connector.ts';

export interface MgdConnectorOptions extends ConnectorOptions {
  /** The student's. */
  inputChannels: number;
  /** The teacher's. */
  outputChannels: number;
  /** How many of the channels are hidden, the paper's lambda, in [0, 1]. @default 0.15 */
  maskRatio?: number;
}

/**
 * Generates the teacher's maps from the student's, of which some channels are hidden, for `mgdLoss`.
 *
 * `output = conv(relu(conv(m * align(features))))` with 3 x 3 convolutions, `m = 1` where `draws >= maskRatio`, else 0;
 * `align`, a 1 x 1 convolution, is there if the channels differ
 *
 * It draws nothing itself, so that a step can be repeated and a graph of it replayed: `draws` are uniform in [0, 1), new
 * for each step, one for each sample and channel (`tf.randomUniform([batch, 1, 1, outputChannels])`, or
 * `randomSource` of `@kd/core` by epoch, step and sample).
 *
 * Variables: `<name>/align/kernel`, `<name>/1/kernel` [9 * outputChannels, outputChannels], `<name>/2/kernel`, and their
 * biases, uniform in ±1 / sqrt(inputs of the layer) at first, as PyTorch's Conv2d.
 *
 * @returns `apply(features, draws)` of float32 [batch, height, width, inputChannels] and [batch, 1, 1, outputChannels]
 * gives as many maps with outputChannels
 * @throws {KdError} INVALID_ARGUMENT if an option is missing or out of range; `apply` SHAPE_MISMATCH for other inputs
 *
 * Reference: Yang et al. 2022, "Masked Generative Distillation"; layers, mask and start as cls_KD's MGDLoss for
 * classification.
 *
 * @example
 * import { mgdConnector, mgdLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const generate = mgdConnector({ name: 'mgd', inputChannels: 3, outputChannels: 4 });
 * const draws = tf.randomUniform<tf.Rank.R4>([2, 1, 1, 4], 0, 1, 'float32', 7);
 * const maps = generate.apply(tf.ones([2, 5, 5, 3]), draws);
 * console.log(mgdLoss(maps, tf.ones([2, 5, 5, 4])).dataSync()[0].toFixed(4)); // 0.0064
 */
export function mgdConnector(
  options: MgdConnectorOptions,
): Connector<[features: tf.Tensor4D, draws: tf.Tensor4D], tf.Tensor4D> {
  const { inputChannels, outputChannels, maskRatio = 0.15 } = options;
  const parts = draft('mgdConnector', options, ['inputChannels', 'outputChannels'], { maskRatio: share });
  const align = inputChannels !== outputChannels && dense(parts, 'align/', [inputChannels, outputChannels]);
  const first = dense(parts, '1/', [9 * outputChannels, outputChannels]);
  const second = dense(parts, '2/', [9 * outputChannels, outputChannels]);
  return connector(parts, (features: tf.Tensor4D, draws: tf.Tensor4D) => {
    checkFeatures(parts.caller, 'features', features, ['batch', 'height', 'width', inputChannels]);
    checkFeatures(parts.caller, 'draws', draws, [features.shape[0], 1, 1, outputChannels]);
    const shown = tf.cast(tf.greaterEqual(draws, maskRatio), 'float32');
    const masked = tf.mul<tf.Tensor4D>(align ? align(features) : features, shown);
    return second(neighbourhoods(tf.relu(first(neighbourhoods(masked)))));
  });
}
