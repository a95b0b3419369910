import type { FileContent } from '@kd/core/node';
import { writeFolderAtomic } from '@kd/core/node';
import type * as tf from '@tensorflow/tfjs-core';
import { openSavedModel } from './saved-model.ts';

const WEIGHTS_FILE = 'weights.bin';

/** Writes a folder in the format of TF.js; weights that come in pieces are never in memory as a whole. */
export async function writeSavedModel(
  folder: string,
  { weightData: _, weightSpecs = [], ...rest }: tf.io.ModelArtifacts,
  weights: FileContent,
): Promise<void> {
  const manifest = [{ paths: [WEIGHTS_FILE], weights: weightSpecs }];
  const json = `${JSON.stringify({ ...rest, weightsManifest: manifest }, null, 2)}\n`;
  await writeFolderAtomic(folder, { 'model.json': json, [WEIGHTS_FILE]: weights });
}

/**
 * Saves and loads LayersModels in a folder (`model.json`, `weights.bin`), as `file://` does where tfjs-node is
 * installed. The folder appears whole or not at all. For large models `saveModel` and `loadModel` take less memory: TF.js
 * hands over, and wants, all weights at once.
 *
 * @throws {KdError} NOT_FOUND or INVALID_DATA from `load` if the folder holds no whole model
 *
 * @example
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { fileHandler } from '@kd/models/node';
 * import * as tf from '@tensorflow/tfjs';
 * const folder = join(await mkdtemp(join(tmpdir(), 'kd-')), 'model');
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
 * await model.save(fileHandler(folder));
 * console.log((await tf.loadLayersModel(fileHandler(folder))).countParams()); // 8
 */
export function fileHandler(folder: string): tf.io.IOHandler {
  return {
    async save(artifacts) {
      const { weightData = [] } = artifacts;
      const parts = (Array.isArray(weightData) ? weightData : [weightData]).map((part) => new Uint8Array(part));
      await writeSavedModel(folder, artifacts, parts);
      const weightDataBytes = parts.reduce((sum, { length }) => sum + length, 0);
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON', weightDataBytes } };
    },
    async load() {
      const saved = await openSavedModel(folder);
      try {
        const { artifacts, weightSpecs } = saved;
        return { ...artifacts, weightSpecs: [...weightSpecs], weightData: await saved.readAll() };
      } finally {
        await saved.close();
      }
    },
  };
}
