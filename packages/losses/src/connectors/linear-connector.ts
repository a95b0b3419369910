import type * as tf from '@tensorflow/tfjs-core';
import { checkFeatures } from '../internal/features.ts';
import { connector, dense, draft } from '../internal/layers.ts';
import type { Connector, ConnectorOptions } from './connector.ts';

export interface LinearConnectorOptions extends ConnectorOptions {
  /** The student's. */
  inputFeatures: number;
  /** The teacher's. */
  outputFeatures: number;
}

/**
 * Projects feature vectors of the student to the width of the teacher's.
 *
 * `output = features . kernel + bias`
 *
 * Variables: `<name>/kernel` [inputFeatures, outputFeatures] and `<name>/bias`, uniform in ±1 / sqrt(inputFeatures) at
 * first, as PyTorch's Linear.
 *
 * @returns `apply(features)` of float32 [batch, inputFeatures] gives float32 [batch, outputFeatures]
 * @throws {KdError} INVALID_ARGUMENT if an option is missing or out of range; `apply` SHAPE_MISMATCH for other features
 *
 * @example
 * import { hintLoss, linearConnector } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const project = linearConnector({ name: 'hint', inputFeatures: 2, outputFeatures: 3 });
 * const loss = hintLoss(project.apply(tf.tensor2d([[1, 2]])), tf.tensor2d([[0, 1, 0]]));
 * console.log(loss.dataSync()[0].toFixed(4)); // 1.5775
 */
export function linearConnector(options: LinearConnectorOptions): Connector<[features: tf.Tensor2D], tf.Tensor2D> {
  const { inputFeatures, outputFeatures } = options;
  const parts = draft('linearConnector', options, ['inputFeatures', 'outputFeatures']);
  const project = dense(parts, '', [inputFeatures, outputFeatures]);
  return connector(parts, (features: tf.Tensor2D) => {
    checkFeatures(parts.caller, 'features', features, ['batch', inputFeatures]);
    return project(features);
  });
}
