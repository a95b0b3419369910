import { KdError } from '@kd/core';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { architectureOf } from '../architectures/registry.ts';
import type { ModelConfig } from '../model-config.ts';
import { fileHandler } from './file-handler.ts';

/**
 * Saves a model in a folder: `model.json` and `weights.bin`, which plain `tf.loadLayersModel` reads without this package.
 *
 * @example
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { mlp } from '@kd/models';
 * import { loadModel, saveModel } from '@kd/models/node';
 * const folder = join(await mkdtemp(join(tmpdir(), 'kd-')), 'student');
 * await saveModel(mlp({ hiddenSizes: [8], classNames: ['cat', 'dog'] }), folder);
 * console.log((await loadModel(folder)).outputShape); // [ null, 2 ]
 */
export async function saveModel(model: tfl.LayersModel, folder: string): Promise<void> {
  await model.save(fileHandler(folder));
}

/** Puts saved weights into a model that was made anew from its config. */
function assignWeights(model: tfl.LayersModel, artifacts: tf.io.ModelArtifacts, folder: string): void {
  const saved = tf.io.decodeWeights(artifacts.weightData!, artifacts.weightSpecs!);
  try {
    for (const { name, variable } of namedVariables(model)) {
      const weight = saved[name];
      if (weight?.shape.join() !== variable.shape.join()) {
        throw new KdError(
          'INVALID_DATA',
          `loadModel: '${folder}' has ${weight ? `shape [${weight.shape}]` : 'nothing'} for '${name}', ` +
            `the model in its metadata wants [${variable.shape}]`,
          { folder, name },
        );
      }
      variable.assign(weight);
    }
  } finally {
    tf.dispose(saved);
  }
}

/**
 * Loads a model from a folder that `saveModel` wrote, ready to be trained further with our layers; or any other saved
 * LayersModel, as `tf.loadLayersModel` does.
 *
 * @throws {KdError} NOT_FOUND or INVALID_DATA if the folder holds no whole model
 */
export async function loadModel(folder: string): Promise<tfl.LayersModel> {
  const artifacts = await fileHandler(folder).load!();
  const config = (artifacts.userDefinedMetadata as { kd?: ModelConfig } | undefined)?.kd;
  if (!config) return tfl.loadLayersModel({ load: async () => artifacts });
  const model = architectureOf('loadModel', config.modelType).build(config);
  assignWeights(model, artifacts, folder);
  model.setUserDefinedMetadata(artifacts.userDefinedMetadata!); // a user's own entries too
  return model;
}
