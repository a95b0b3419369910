import * as tf from '@tensorflow/tfjs-core';
import { checkFeatures } from '../internal/features.ts';
import { connector, dense, draft } from '../internal/layers.ts';
import type { Connector, ConnectorOptions } from './connector.ts';

export interface VidConnectorOptions extends ConnectorOptions {
  /** The student's. */
  inputChannels: number;
  /** The teacher's. */
  outputChannels: number;
}

/** The trained parts of `vidLoss`. */
export interface VidConnector extends Connector {
  /** float32 [outputChannels]: the option of `vidLoss`; one of the variables. */
  readonly rawScale: tf.Variable<tf.Rank.R1>;
}

/**
 * Predicts the teacher's maps from the student's, and holds the variances of `vidLoss`.
 *
 * `output = relu(relu(features . kernel1) . kernel2) . kernel3` at each position
 *
 * Maps of another size go through `poolTo` first. Variables: `<name>/1/kernel` to `<name>/3/kernel`, uniform in
 * ±1 / sqrt(inputs) at first, and `<name>/rawScale` [outputChannels], at `log(exp(5 - 1e-5) - 1)` at first: variances of 5.
 *
 * @returns `apply(features)` of float32 [batch, height, width, inputChannels] gives as many maps with outputChannels
 * @throws {KdError} INVALID_ARGUMENT if an option is missing or out of range; `apply` SHAPE_MISMATCH for other features
 *
 * Reference: Ahn et al. 2019, "Variational Information Distillation for Knowledge Transfer"; layers and start as
 * mdistiller's VID.
 *
 * @example
 * import { vidConnector, vidLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const predict = vidConnector({ name: 'vid', inputChannels: 3, outputChannels: 2 });
 * const means = predict.apply(tf.ones([1, 4, 4, 3]));
 * const loss = vidLoss(means, tf.zeros([1, 4, 4, 2]), undefined, { rawScale: predict.rawScale });
 * console.log(loss.dataSync()[0].toFixed(2)); // 0.80
 */
export function vidConnector(options: VidConnectorOptions): VidConnector {
  const { inputChannels, outputChannels } = options;
  const parts = draft('vidConnector', options, ['inputChannels', 'outputChannels']);
  const layers = [inputChannels, outputChannels, outputChannels].map((inputs, i) =>
    dense(parts, `${i + 1}/`, [inputs, outputChannels], { bias: false }),
  );
  const rawScale = parts.constant('rawScale', outputChannels, Math.log(Math.exp(5 - 1e-5) - 1));
  const { variables, apply, dispose } = connector(parts, (features: tf.Tensor4D) => {
    checkFeatures(parts.caller, 'features', features, ['batch', 'height', 'width', inputChannels]);
    return layers.reduce((x, layer, i) => layer(i === 0 ? x : tf.relu(x)), features);
  });
  return { variables, apply, dispose, rawScale };
}
