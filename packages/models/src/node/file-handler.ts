import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import { writeFolderAtomic } from '@kd/core/node';
import type * as tf from '@tensorflow/tfjs-core';

const WEIGHTS_FILE = 'weights.bin';

async function readPart(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw new KdError(
      'NOT_FOUND',
      `fileHandler: '${folder}' is no saved model: cannot read ${name}`,
      { folder },
      { cause },
    );
  }
}

/** One buffer; TF.js may give several. */
function joined(data: tf.io.WeightData | undefined): Uint8Array {
  const parts = data === undefined ? [] : Array.isArray(data) ? data : [data];
  return new Uint8Array(Buffer.concat(parts.map((part) => new Uint8Array(part))));
}

/**
 * Saves and loads LayersModels in a folder (`model.json`, `weights.bin`), as `file://` does where tfjs-node is
 * installed. The folder appears whole or not at all.
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
      const weights = joined(artifacts.weightData);
      const { weightData: _, weightSpecs = [], ...rest } = artifacts;
      const manifest = [{ paths: [WEIGHTS_FILE], weights: weightSpecs }];
      const json = `${JSON.stringify({ ...rest, weightsManifest: manifest }, null, 2)}\n`;
      await writeFolderAtomic(folder, { 'model.json': json, [WEIGHTS_FILE]: weights });
      return {
        modelArtifactsInfo: {
          dateSaved: new Date(),
          modelTopologyType: 'JSON',
          weightDataBytes: weights.byteLength,
        },
      };
    },
    async load() {
      const text = (await readPart(folder, 'model.json')).toString('utf8');
      let json: tf.io.ModelJSON;
      try {
        json = JSON.parse(text);
      } catch (cause) {
        throw new KdError('INVALID_DATA', `fileHandler: model.json in '${folder}' is not JSON`, { folder }, { cause });
      }
      const { weightsManifest, ...rest } = json;
      const files = await Promise.all(
        weightsManifest.flatMap(({ paths }) => paths).map((path) => readPart(folder, path)),
      );
      const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
      const weightData = new Uint8Array(Buffer.concat(files)).buffer;
      const expected = weightSpecs.reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
      const plain = weightSpecs.every(({ dtype, quantization }) => dtype === 'float32' && !quantization);
      if (plain && weightData.byteLength !== expected) {
        throw new KdError(
          'INVALID_DATA',
          `fileHandler: the weights in '${folder}' have ${weightData.byteLength} bytes, model.json asks for ${expected}; ` +
            'the files are not of one model, or were cut off',
          { folder, bytes: weightData.byteLength, expected },
        );
      }
      return { ...rest, weightSpecs, weightData } as tf.io.ModelArtifacts;
    },
  };
}
