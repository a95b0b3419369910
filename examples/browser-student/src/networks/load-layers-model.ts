import { KdError } from '@kd/core';
import { registerLayers } from '@kd/models';
import type * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel as load } from '@tensorflow/tfjs-layers';
import { type Folder, readFile, readJson } from './folder.ts';

/** A model in the format of TF.js, `model.json` and files of weights, with the bytes of these. */
export async function loadLayersModel(folder: Folder): Promise<{ model: LayersModel; bytes: number }> {
  const { weightsManifest, ...artifacts } = (await readJson(folder, 'model.json')) as unknown as tf.io.ModelJSON;
  if (!Array.isArray(weightsManifest)) {
    throw new KdError('INVALID_DATA', 'loadLayersModel: model.json does not list its weights');
  }
  const files: Blob[] = [];
  for (const name of weightsManifest.flatMap(({ paths }) => paths)) files.push(await readFile(folder, name));
  const weightData = await new Blob(files).arrayBuffer();
  registerLayers();
  const handler: tf.io.IOHandler = {
    load: async () => ({
      ...(artifacts as tf.io.ModelArtifacts),
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData,
    }),
  };
  return { model: await load(handler), bytes: weightData.byteLength };
}
