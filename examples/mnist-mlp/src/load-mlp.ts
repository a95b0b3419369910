import { KdError } from '@kd/core';
import { getModelConfig, type MlpConfig } from '@kd/models';
import { loadModel } from '@kd/models/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A saved MLP with what it was made with. The other networks of `@kd/models` do not fit this example. */
export async function loadMlp(folder: string): Promise<{ model: LayersModel; mlp: MlpConfig }> {
  const model = await loadModel(folder);
  const config = getModelConfig(model);
  if (config.modelType === 'mlp') return { model, mlp: config };
  throw new KdError('MISMATCH', `'${folder}' holds a model of type ${config.modelType}; this example takes an MLP`);
}
