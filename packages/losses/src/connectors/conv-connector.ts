import * as tf from '@tensorflow/tfjs-core';
import { checkFeatures } from '../internal/features.ts';
import { batchNorm, connector, dense, draft } from '../internal/layers.ts';
import { any, oneOf } from '../internal/options.ts';
import type { Connector, ConnectorOptions } from './connector.ts';

export interface ConvConnectorOptions extends ConnectorOptions {
  /** The student's. */
  inputChannels: number;
  /** The teacher's. */
  outputChannels: number;
  /** Normalise by the statistics of the batch. @default true */
  batchNorm?: boolean;
  /** `'none'` where the teacher's maps have values below 0. @default 'relu' */
  activation?: 'relu' | 'none';
}

/**
 * Projects maps of the student to the channels of the teacher's: FitNets' regressor, a 1 x 1 convolution with batch norm
 * and ReLU.
 *
 * `output = relu(batchNorm(features . kernel + bias))` at each position
 *
 * Maps of another size go through `poolTo` before or after it. Batch norm always uses the statistics of the batch at
 * hand, rows that pad it included: a connector is gone after the training, so it keeps none for later; a loss of
 * validation data depends on how they are batched.
 *
 * Variables: `<name>/kernel` [inputChannels, outputChannels] and `<name>/bias`, uniform in ±1 / sqrt(inputChannels) at
 * first, as PyTorch's Conv2d; `<name>/gamma` and `<name>/beta` of batch norm, 1 and 0.
 *
 * @returns `apply(features)` of float32 [batch, height, width, inputChannels] gives as many maps with outputChannels
 * @throws {KdError} INVALID_ARGUMENT if an option is missing or out of range; `apply` SHAPE_MISMATCH for other features
 *
 * Reference: Romero et al. 2015, "FitNets: Hints for Thin Deep Nets"; layers and start as mdistiller's ConvReg for maps of
 * one size.
 *
 * @example
 * import { convConnector, hintLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const project = convConnector({ name: 'hint', inputChannels: 1, outputChannels: 2 });
 * const student = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * console.log(hintLoss(project.apply(student), tf.ones([1, 2, 2, 2])).dataSync()[0].toFixed(4)); // 0.6056
 */
export function convConnector(options: ConvConnectorOptions): Connector {
  const { inputChannels, outputChannels, activation = 'relu' } = options;
  const rules = { batchNorm: any, activation: oneOf('relu', 'none') };
  const parts = draft('convConnector', options, ['inputChannels', 'outputChannels'], rules);
  const project = dense(parts, '', [inputChannels, outputChannels]);
  const normalise = (options.batchNorm ?? true) && batchNorm(parts, '', outputChannels);
  return connector(parts, (features: tf.Tensor4D) => {
    checkFeatures(parts.caller, 'features', features, ['batch', 'height', 'width', inputChannels]);
    const projected = project(features);
    const normal = normalise ? normalise(projected) : projected;
    return activation === 'relu' ? tf.relu(normal) : normal;
  });
}
