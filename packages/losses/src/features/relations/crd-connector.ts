import type * as tf from '@tensorflow/tfjs-core';
import type { Connector, ConnectorOptions } from '../../connectors/connector.ts';
import { checkFeatures } from '../../internal/features.ts';
import { connector, count, dense, draft } from '../../internal/layers.ts';
import { unit } from '../../internal/unit.ts';

export interface CrdConnectorOptions extends ConnectorOptions {
  /** The student's or the teacher's. */
  inputFeatures: number;
  /** Width of the embedding. @default 128 */
  outputFeatures?: number;
}

/**
 * Projects features to an embedding for `crdLoss`. It takes two, one for the student and one for the teacher, and both
 * are trained; hand the teacher's only features that are no part of the tape.
 *
 * `output = unit(features . kernel + bias)`, rows of length 1
 *
 * Variables: `<name>/kernel` [inputFeatures, outputFeatures] and `<name>/bias`, uniform in ±1 / sqrt(inputFeatures) at
 * first, as PyTorch's Linear.
 *
 * @returns `apply(features)` of float32 [batch, inputFeatures] gives float32 [batch, outputFeatures]
 * @throws {KdError} INVALID_ARGUMENT if an option is missing or out of range; `apply` SHAPE_MISMATCH for other features
 *
 * Reference: Tian, Krishnan, Isola 2020, "Contrastive Representation Distillation"; as RepDistiller's Embed.
 *
 * @example
 * import { crdConnector } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const embed = crdConnector({ name: 'crd/student', inputFeatures: 2, outputFeatures: 3 });
 * console.log(tf.norm(embed.apply(tf.tensor2d([[1, 2]]))).dataSync()[0].toFixed(4)); // 1.0000
 */
export function crdConnector(options: CrdConnectorOptions): Connector<[features: tf.Tensor2D], tf.Tensor2D> {
  const { inputFeatures, outputFeatures = 128 } = options;
  const parts = draft('crdConnector', options, ['inputFeatures'], { outputFeatures: count });
  const project = dense(parts, '', [inputFeatures, outputFeatures]);
  return connector(parts, (features: tf.Tensor2D) => {
    checkFeatures(parts.caller, 'features', features, ['batch', inputFeatures]);
    return unit(project(features), 1);
  });
}
