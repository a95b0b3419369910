import '@tensorflow/tfjs-backend-cpu';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RandomSource, randomSource, readSafetensors } from '@kd/core';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cifarResnet } from '../cifar-resnet/cifar-resnet.ts';
import { mlp } from '../mlp/mlp.ts';
import { mobileNetV2 } from '../mobilenet/mobilenet-v2.ts';
import { getModelConfig } from '../model-config.ts';
import { resnet } from '../resnet/resnet.ts';
import { distance, Expected, fixture, isThere, shared } from '../testing/parity.ts';
import { fileHandler } from './file-handler.ts';
import { fromPretrained } from './from-pretrained.ts';
import { loadModel, saveModel } from './save-model.ts';
import { savePretrained } from './save-pretrained.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd pretrained '));
});
afterAll(() => rm(folder, { recursive: true }));

/** Values as a word: vitest takes seconds to compare large arrays. */
const hash = (values: ArrayBufferView) =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');
const bits = (model: tfl.LayersModel) =>
  namedVariables(model).map(({ name, variable }) => `${name} ${hash(variable.dataSync())}`);
const logits = (model: tfl.LayersModel, x: tf.Tensor) => (model.apply(x) as tf.Tensor).dataSync();

/** Configs drawn at random; the sizes are small. */
const RANDOM_MODELS: Record<string, (random: RandomSource, seed: number) => tfl.LayersModel> = {
  mlp: ({ below, uniform }, seed) =>
    mlp({
      inputShape: [3 + below(4), 3 + below(4), 1 + below(3)],
      hiddenSizes: Array.from({ length: below(3) }, () => 1 + below(6)),
      classNames: Array.from({ length: 2 + below(4) }, (_, i) => `LABEL_${i}`),
      batchNorm: below(2) === 0 && { momentum: uniform(), epsilon: 1e-3, unbiasedVariance: below(2) === 0 },
      dropout: below(2) * 0.25,
      ...(below(2) === 0 ? { maxNorm: 3.5 } : {}),
      initializer: (['heNormal', 'notebook', 'hinton', 'torch'] as const)[below(4)]!,
      seed,
    }),
  resnet: ({ below }, seed) => {
    const stages = 1 + below(3);
    return resnet({
      classNames: Array.from({ length: 2 + below(4) }, (_, i) => `class ${i}`),
      numChannels: 1 + below(3),
      embeddingSize: 1 + below(9),
      hiddenSizes: Array.from({ length: stages }, () => 4 * (1 + below(3))),
      depths: Array.from({ length: stages }, () => 1 + below(2)),
      layerType: below(2) === 0 ? 'basic' : 'bottleneck',
      downsampleInBottleneck: below(2) === 0,
      downsampleInFirstStage: below(2) === 0,
      seed,
    });
  },
  mobilenet: ({ below, uniform }, seed) =>
    mobileNetV2({
      classNames: Array.from({ length: 2 + below(4) }, (_, i) => `class ${i}`),
      numChannels: 1 + below(3),
      imageSize: 32 + below(64),
      depthMultiplier: 0.05 + 0.2 * uniform(),
      depthDivisibleBy: 2 + below(7),
      minDepth: 1 + below(8),
      expandRatio: 1 + 3 * uniform(),
      outputStride: 2 ** (3 + below(3)),
      firstLayerIsExpansion: below(2) === 0,
      finegrainedOutput: below(4) === 0,
      tfPadding: below(2) === 0,
      classifierDropoutProb: below(2) * 0.8,
      batchNormEps: 1e-3 * uniform() + 1e-6,
      batchNormMomentum: below(2) === 0 ? 0.003 : uniform(),
      seed,
    }),
  'CIFAR ResNet': ({ below }, seed) =>
    cifarResnet({
      classNames: Array.from({ length: 2 + below(4) }, (_, i) => `class ${i}`),
      depth: 8 + 6 * below(2),
      numChannels: 1 + below(3),
      width: 1 + below(2),
      shortcut: below(2) === 0 ? 'identity' : 'convolution',
      seed,
    }),
};

describe.each(Object.entries(RANDOM_MODELS))('%s of any config', (name, make) => {
  it.each([1, 2, 3])('comes back with the same bits, %d', async (id) => {
    const model = make(randomSource({ seed: 6, stream: `round trip ${name}`, id }), id);
    const [, height, width, channels] = model.inputs[0]!.shape;
    const x = tf.randomUniform([3, height ?? 22, width ?? 19, channels!], 0, 1, 'float32', id);
    model.apply(x, { training: true }); // statistics that are not those of a new model

    const [hub, ours] = [join(folder, `${name} ${id}`), join(folder, `${name} ${id} tf`)];
    await savePretrained(model, hub);
    await saveModel(model, ours);
    for (const loaded of [await fromPretrained(hub), await loadModel(ours)]) {
      expect(getModelConfig(loaded)).toEqual(getModelConfig(model));
      expect(bits(loaded)).toEqual(bits(model));
      expect(logits(loaded, x)).toEqual(logits(model, x));
    }
    const again = join(folder, `${name} ${id} again`);
    await savePretrained(await fromPretrained(hub), again);
    for (const file of await readdir(hub)) {
      expect(hash(await readFile(join(again, file))), file).toBe(hash(await readFile(join(hub, file))));
    }
    const stock = await tfl.loadLayersModel(fileHandler(ours));
    const expected = logits(model, x);
    logits(stock, x).forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected[i]!)));
    });
  });
});

describe('savePretrained', () => {
  it('consists of TF.js own layers when saved for TF.js, but for dilated convolutions', async () => {
    const classNames = ['a', 'b'];
    const models = {
      resnet: resnet({ classNames, embeddingSize: 8, hiddenSizes: [8], depths: [1] }),
      mobilenet: mobileNetV2({ classNames, depthMultiplier: 0.1 }),
      cifar: cifarResnet({ classNames, depth: 8 }),
    };
    for (const [name, model] of Object.entries(models)) {
      await saveModel(model, join(folder, name));
      const stock = await tfl.loadLayersModel(fileHandler(join(folder, name)));
      for (const layer of stock.layers) {
        expect(layer.getClassName()).not.toMatch(/^(kd>)?Kd/);
      }
    }
  });

  it('writes shards and reads them, whatever else is in the folder', async () => {
    const model = resnet({ classNames: ['a', 'b'], embeddingSize: 8, hiddenSizes: [8, 16], depths: [1, 1], seed: 2 });
    const place = join(folder, 'shards');
    await savePretrained(model, place, { maxShardBytes: 4000, files: { 'README.md': '# A model\n' } });
    const files = await readdir(place);
    expect(files.filter((file) => file.endsWith('.safetensors')).length).toBeGreaterThan(2);
    expect(files).toContain('README.md');
    expect(bits(await fromPretrained(place))).toEqual(bits(model));
  });

  it('writes what Python wrote', async (context) => {
    for (const name of ['resnet_basic', 'resnet_bottleneck_dib', 'mobilenet_v2', 'mobilenet_v2_dilated']) {
      const theirs = shared(`goldens/hf/models/${name}`);
      if (!isThere(theirs)) context.skip(`${theirs} is not there`);
      const place = join(folder, name);
      await savePretrained(await fromPretrained(theirs), place);
      const tensors = async (from: string) => {
        const read = readSafetensors(await readFile(join(from, 'model.safetensors'))).tensors;
        return read.map(({ name, shape, data, dtype }) => `${name} [${shape}] ${dtype} ${hash(data)}`).sort();
      };
      expect(await tensors(place)).toEqual(await tensors(theirs));
      const json = async (from: string) => JSON.parse(await readFile(join(from, 'config.json'), 'utf8'));
      const { transformers_version: _, ...python } = await json(theirs);
      expect(await json(place)).toEqual(python);
    }
  });
});

describe('fromPretrained', () => {
  it('names what is missing or broken', async () => {
    const place = join(folder, 'broken');
    await expect(fromPretrained(join(folder, 'nowhere'))).rejects.toThrow(/fromPretrained|openRepo/);
    await savePretrained(mlp({ hiddenSizes: [], classNames: ['a', 'b'] }), place);
    await rm(join(place, 'model.safetensors'));
    await expect(fromPretrained(place)).rejects.toThrow(/'.*broken' has no weights; looked for model.safetensors, /);
    const drawn = await fromPretrained(place, { weights: false, seed: 3 });
    expect(bits(drawn)).toEqual(bits(mlp({ hiddenSizes: [], classNames: ['a', 'b'], seed: 3 })));
    await writeFile(join(place, 'config.json'), '{');
    await expect(fromPretrained(place)).rejects.toThrow(/config.json' is not JSON/);
  });

  it.each(['resnet_bin', 'resnet_bin_shards'])('reads pytorch_model.bin: %s', async (name) => {
    const model = await fromPretrained(fixture(name));
    const want = new Expected(join(fixture(name), 'expected.safetensors'));
    expect(distance(model.predict(want.images()) as tf.Tensor, want.get('logits'))).toBeLessThan(1e-5);
  });
});
