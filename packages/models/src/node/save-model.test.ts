import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mlp } from '../mlp/mlp.ts';
import { getModelConfig } from '../model-config.ts';
import { fileHandler } from './file-handler.ts';
import { loadModel, saveModel } from './save-model.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd models '));
});
afterAll(() => rm(folder, { recursive: true }));

const x = tf.randomUniform([3, 28, 28, 1], 0, 1, 'float32', 5);
const logits = (model: tfl.LayersModel) => (model.apply(x) as tf.Tensor).dataSync();

/** A model whose running statistics are not those of a new one. */
function trained(): tfl.LayersModel {
  const model = mlp({ hiddenSizes: [6, 5], classNames: ['a', 'b'], batchNorm: true, dropout: 0.5, maxNorm: 3 });
  model.apply(x, { training: true });
  return model;
}

describe('saveModel', () => {
  it('is read by TF.js alone: stock layers, the same logits', async () => {
    const model = trained();
    await saveModel(model, join(folder, 'stock'));
    const stock = await tfl.loadLayersModel(fileHandler(join(folder, 'stock')));
    logits(stock).forEach((value, i) => {
      expect(value).toBeCloseTo(logits(model)[i]!, 5);
    });
    const bn = stock.getLayer('bn1');
    expect(bn.constructor).toBe(tfl.layers.batchNormalization().constructor);
  });

  it('comes back as our layers, with the same bits and config', async () => {
    const model = trained();
    model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), mine: 7 });
    await saveModel(model, join(folder, 'ours'));
    const loaded = await loadModel(join(folder, 'ours'));
    expect(logits(loaded)).toEqual(logits(model));
    expect(getModelConfig(loaded)).toEqual(getModelConfig(model));
    expect(loaded.getUserDefinedMetadata()).toMatchObject({ mine: 7 });
    expect(loaded.getLayer('bn1').constructor).toBe(model.getLayer('bn1').constructor);
    expect(loaded.getLayer('fc1').getConfig()).toEqual(model.getLayer('fc1').getConfig());
  });

  it("writes what TF.js' own save writes, to the byte", async () => {
    const model = trained();
    await saveModel(model, join(folder, 'streamed'));
    await model.save(fileHandler(join(folder, 'whole')));
    for (const file of ['model.json', 'weights.bin']) {
      const [streamed, whole] = await Promise.all(
        ['streamed', 'whole'].map((name) => readFile(join(folder, name, file))),
      );
      expect(Buffer.compare(streamed!, whole!), file).toBe(0);
    }
  });

  it('reads weights in several files, quantised as the converter of TF.js does', async () => {
    const model = mlp({ hiddenSizes: [6], classNames: ['a', 'b'] });
    const path = join(folder, 'split');
    await saveModel(model, path);
    const json = JSON.parse(await readFile(join(path, 'model.json'), 'utf8'));
    const bytes = await readFile(join(path, 'weights.bin'));
    const [{ weights }] = json.weightsManifest;
    const last = weights.findIndex(({ name }: { name: string }) => name === 'logits/bias');
    const rest = bytes.length - 8; // two biases, 0 and 0, become bytes that stand for 1.5 and 2.5
    expect(last).toBe(weights.length - 1);
    weights[last] = { ...weights[last], quantization: { dtype: 'uint8', min: 0.5, scale: 1 } };
    json.weightsManifest = [{ paths: ['a.bin', 'b.bin', 'c.bin'], weights }];
    await writeFile(join(path, 'model.json'), JSON.stringify(json));
    await writeFile(join(path, 'a.bin'), bytes.subarray(0, 1001)); // in the middle of a number
    await writeFile(join(path, 'b.bin'), bytes.subarray(1001, rest));
    await writeFile(join(path, 'c.bin'), Uint8Array.of(1, 2));
    const want = tf.add(model.apply(x) as tf.Tensor, tf.tensor1d([1.5, 2.5]));
    for (const loaded of [await loadModel(path), await tfl.loadLayersModel(fileHandler(path))]) {
      expect(tf.max(tf.abs(tf.sub(loaded.apply(x) as tf.Tensor, want))).dataSync()[0]).toBeLessThan(1e-5);
    }
  });

  it('replaces what was there', async () => {
    const path = join(folder, 'twice');
    await saveModel(trained(), path);
    await saveModel(mlp({ hiddenSizes: [], classNames: ['a', 'b'] }), path);
    expect((await loadModel(path)).countParams()).toBe(1570);
  });

  it('loads any other LayersModel as TF.js does', async () => {
    const path = join(folder, 'other');
    const other = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3] })] });
    await other.save(fileHandler(path));
    expect((await loadModel(path)).countParams()).toBe(8);
  });

  it('names what is missing or cut off', async () => {
    await expect(loadModel(join(folder, 'nowhere'))).rejects.toThrow(
      /'.*nowhere' is no saved model: cannot read model.json/,
    );
    const path = join(folder, 'cut');
    await saveModel(trained(), path);
    await truncate(join(path, 'weights.bin'), 100);
    await expect(loadModel(path)).rejects.toThrow(/have 100 bytes, model.json asks for \d+/);
    await rm(join(path, 'weights.bin'));
    await expect(loadModel(path)).rejects.toThrow('cannot read weights.bin');
    await writeFile(join(path, 'model.json'), '{');
    await expect(loadModel(path)).rejects.toThrow('is not JSON');
    for (const json of ['null', '{}', '{"weightsManifest":[{"paths":[],"weights":[{}]}]}']) {
      await writeFile(join(path, 'model.json'), json);
      await expect(loadModel(path)).rejects.toThrow('does not list its weights');
    }
  });

  it('names a weight that does not fit the metadata', async () => {
    const path = join(folder, 'other sizes');
    await saveModel(trained(), path);
    const json = JSON.parse(await readFile(join(path, 'model.json'), 'utf8'));
    json.userDefinedMetadata.kd.hiddenSizes = [6, 4];
    await writeFile(join(path, 'model.json'), JSON.stringify(json));
    await expect(loadModel(path)).rejects.toThrow(/has shape \[6,5\] for 'fc2\/kernel', .* wants \[6,4\]/);
  });
});
