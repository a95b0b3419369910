import { KdError } from '@kd/core';
import { type NamedVariable, namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { architectureOf } from '../architectures/registry.ts';
import type { ModelConfig } from '../model-config.ts';
import { fileHandler, writeSavedModel } from './file-handler.ts';
import { openSavedModel, type SavedModel } from './saved-model.ts';

/** The bytes of variables, one after the other: no more than one is copied at a time. */
async function* weightBytes(variables: readonly NamedVariable[]): AsyncGenerator<Uint8Array> {
  for (const { variable } of variables) {
    const { buffer, byteOffset, byteLength } = await variable.data();
    yield new Uint8Array(buffer, byteOffset, byteLength);
  }
}

/**
 * Saves a model in a folder: `model.json` and `weights.bin`, which plain `tf.loadLayersModel` reads without this package.
 * Weights are written one at a time, so that there is no second copy of them in memory.
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
  const variables = namedVariables(model);
  const metadata = model.getUserDefinedMetadata();
  const artifacts: tf.io.ModelArtifacts = {
    modelTopology: model.toJSON(undefined, false) as object,
    format: 'layers-model',
    generatedBy: `TensorFlow.js tfjs-layers v${tfl.version_layers}`,
    convertedBy: null,
    ...(metadata ? { userDefinedMetadata: metadata } : {}),
    weightSpecs: variables.map(({ name, variable: { shape, dtype } }) => ({ name, shape, dtype: dtype as 'float32' })),
  };
  await writeSavedModel(folder, artifacts, weightBytes(variables));
}

/** Puts saved weights, one at a time, into a model that was made anew from its config. */
async function assignWeights(model: tfl.LayersModel, saved: SavedModel, folder: string): Promise<void> {
  const specs = new Map(saved.weightSpecs.map((spec) => [spec.name, spec]));
  for (const { name, variable } of namedVariables(model)) {
    const spec = specs.get(name);
    if (spec?.shape.join() !== variable.shape.join()) {
      throw new KdError(
        'INVALID_DATA',
        `loadModel: '${folder}' has ${spec ? `shape [${spec.shape}]` : 'nothing'} for '${name}', ` +
          `the model in its metadata wants [${variable.shape}]`,
        { folder, name },
      );
    }
    const bytes = await saved.readWeight(spec);
    tf.tidy(() => variable.assign(tf.io.decodeWeights(bytes, [spec])[name]!));
  }
}

/**
 * Loads a model from a folder that `saveModel` wrote, ready to be trained further with our layers; or any other saved
 * LayersModel, as `tf.loadLayersModel` does. Weights of models of this package are read one at a time.
 *
 * @throws {KdError} NOT_FOUND or INVALID_DATA if the folder holds no whole model
 */
export async function loadModel(folder: string): Promise<tfl.LayersModel> {
  const saved = await openSavedModel(folder);
  try {
    const { userDefinedMetadata: metadata } = saved.artifacts as { userDefinedMetadata?: { kd?: ModelConfig } };
    if (!metadata?.kd) return await tfl.loadLayersModel(fileHandler(folder));
    const model = architectureOf('loadModel', metadata.kd.modelType).build(metadata.kd);
    try {
      await assignWeights(model, saved, folder);
    } catch (error) {
      model.dispose();
      throw error;
    }
    model.setUserDefinedMetadata(metadata); // a user's own entries too
    return model;
  } finally {
    await saved.close();
  }
}
