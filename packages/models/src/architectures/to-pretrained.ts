import type { NamedTensor } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { getModelConfig } from '../model-config.ts';
import { writeWeights } from '../weights/write-weights.ts';
import { writeClassNames } from './labels.ts';
import { architectureOf } from './registry.ts';

/**
 * A model of this package as Hugging Face's files have it: what belongs into `config.json`, and the tensors for
 * `model.safetensors`, with the names and layouts of PyTorch. In Node `savePretrained` of `@kd/models/node` writes both.
 *
 * @throws {KdError} NOT_FOUND for a model that was made elsewhere
 */
export async function toPretrained(
  model: LayersModel,
): Promise<{ config: Record<string, unknown>; tensors: NamedTensor[] }> {
  const config = getModelConfig(model);
  const architecture = architectureOf('toPretrained', config.modelType);
  const json = {
    ...architecture.writeConfig(config),
    ...writeClassNames(config.classNames),
    dtype: 'float32',
    model_type: config.modelType,
  };
  const sorted = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1));
  return { config: Object.fromEntries(sorted), tensors: await writeWeights(model, architecture.rule) };
}
