import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesSource, openSafetensors, writeSafetensors } from '@kd/core';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPretrained } from '../architectures/load-pretrained.ts';
import { toPretrained } from '../architectures/to-pretrained.ts';
import { getModelConfig } from '../model-config.ts';
import { fileHandler } from '../node/file-handler.ts';
import { loadModel, saveModel } from '../node/save-model.ts';
import { distance, fixture, isThere, loadFolder, shared } from '../testing/parity.ts';
import { deit } from './deit.ts';
import { registerLayers } from './register-layers.ts';
import { vit } from './vit.ts';

let folder: string;
beforeAll(async () => {
  await tf.setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'kd vit '));
});
afterAll(() => rm(folder, { recursive: true }));

const TINY = { imageSize: 16, patchSize: 8, hiddenSize: 24, numHiddenLayers: 2, numAttentionHeads: 3 };
const options = { classNames: ['a', 'b', 'c'], ...TINY, intermediateSize: 20, initializerRange: 0.5 };
const MODELS: [string, () => tfl.LayersModel][] = [
  ['vit', () => vit(options)],
  [
    'vit with everything else',
    () =>
      vit({
        ...options,
        imageSize: [16, 32],
        patchSize: [8, 4],
        numChannels: 1,
        qkvBias: false,
        layerNormEps: 1e-6,
        hiddenDropoutProb: 0.1,
        attentionProbsDropoutProb: 0.2,
      }),
  ],
  ['vit at another resolution', () => vit({ ...options, inputSize: [24, 40] })],
  ['deit with two heads', () => deit(options)],
  ['deit with one head', () => deit({ ...options, distillationHead: false })],
];

const bits = (model: tfl.LayersModel) =>
  namedVariables(model).map(({ name, variable, trainable }) => ({ name, trainable, values: variable.dataSync() }));
function logits(model: tfl.LayersModel): Float32Array {
  const shape = model.inputs[0]!.shape.map((size) => size ?? 2);
  return (model.predict(tf.randomNormal(shape, 0, 1, 'float32', 7)) as tf.Tensor).dataSync() as Float32Array;
}

describe.each(MODELS)('%s', (_, make) => {
  it('comes back from a folder of TF.js with the same bits', async () => {
    const model = make();
    const path = join(folder, 'model');
    await saveModel(model, path);
    registerLayers();
    for (const loaded of [await loadModel(path), await tfl.loadLayersModel(fileHandler(path))]) {
      expect(bits(loaded)).toEqual(bits(model));
      expect(logits(loaded)).toEqual(logits(model));
      expect(getModelConfig(loaded)).toEqual(getModelConfig(model));
      expect(loaded.layers.map((layer) => layer.getConfig())).toEqual(model.layers.map((layer) => layer.getConfig()));
    }
  });

  it('comes back from files of Hugging Face with the same bits', async () => {
    const model = make();
    const { config, tensors } = await toPretrained(model);
    const file = await openSafetensors(bytesSource(writeSafetensors(tensors)));
    const loaded = await loadPretrained(JSON.parse(JSON.stringify(config)), file);
    const { inputSize, ...rest } = getModelConfig(model) as { inputSize: unknown }; // no field of config.json
    expect(bits(loaded)).toEqual(bits(model));
    expect(getModelConfig(loaded)).toMatchObject(rest);
    if (String(inputSize) === String((getModelConfig(loaded) as { inputSize: unknown }).inputSize)) {
      expect(logits(loaded)).toEqual(logits(model));
    }
  });
});

describe('files of Hugging Face', () => {
  const json = async (model: tfl.LayersModel) => {
    const { config, tensors } = await toPretrained(model);
    return { config, tensors, open: (all = tensors) => openSafetensors(bytesSource(writeSafetensors(all))) };
  };

  it.each([
    [{ hidden_act: 'gelu_new' }, 'hidden_act "gelu_new"; supported: "gelu"'],
    [{ is_decoder: true }, 'is_decoder true'],
    [{ swiglu: true, use_rope: 1 }, 'fields that are not supported: swiglu, use_rope'],
  ])('are refused with %j', async (fields, message) => {
    const { config, open } = await json(vit(options));
    await expect(loadPretrained({ ...config, ...fields }, await open())).rejects.toThrow(message);
  });

  it('may be of the bare model, with a pooler and without a head, for images of another size', async () => {
    const model = vit(options);
    const { config, tensors, open } = await json(model);
    const bare = tensors
      .filter(({ name }) => !name.startsWith('classifier'))
      .map((tensor) => ({ ...tensor, name: tensor.name.replace(/^vit\./, '') }));
    const pooler = { name: 'pooler.dense.weight', shape: [24, 24], data: new Float32Array(576) };
    const file = await open([...bare, pooler]);
    const modelOptions = { inputSize: 24 };
    const loaded = await loadPretrained(config, file, { ignoreMissing: true, seed: 5, modelOptions });
    expect(loaded.inputs[0]!.shape).toEqual([null, 24, 24, 3]);
    const ofBackbone = (each: tfl.LayersModel) => bits(each).filter(({ name }) => !name.startsWith('classifier'));
    expect(ofBackbone(loaded)).toEqual(ofBackbone(model));
    expect(tf.max(loaded.getLayer('classifier').getWeights()[0]!).dataSync()[0]).toBeGreaterThan(0);
  });

  it('take another number of classes where that is asked for', async () => {
    const { config, open } = await json(deit(options));
    const classNames = ['x', 'y'];
    await expect(loadPretrained(config, await open(), { classNames })).rejects.toThrow('ignoreMismatchedSizes');
    const loaded = await loadPretrained(config, await open(), { classNames, ignoreMismatchedSizes: true });
    expect(loaded.outputShape).toEqual([null, 2]);
  });
});

describe('the pretrained ViT-Ti', () => {
  beforeAll(() => tf.setBackend('wasm'));
  afterAll(() => tf.setBackend('cpu'));

  it.for([
    { what: 'logits', inputSize: [224, 224] },
    { what: 'interpolated', inputSize: [160, 192] },
  ] as const)('has the $what of transformers', async ({ what, inputSize }, context) => {
    const pretrained = shared('models/vit-tiny-tinyimagenet');
    if (!isThere(pretrained)) context.skip(`${pretrained} is not there`);
    const model = await loadFolder(pretrained, { modelOptions: { inputSize } });
    expect(model.countParams()).toBe(5_717_416 - 193 * 800); // 200 classes instead of 1000
    expect(getModelConfig(model).classNames[0]).toBe('n01443537 goldfish, Carassius auratus');
    const values = Float32Array.from({ length: 224 * 224 * 3 }, (_, i) => Math.sin(0.37 * i));
    const image = tf.slice(tf.tensor4d(values, [1, 224, 224, 3]), [0, 0, 0, 0], [1, ...inputSize, 3]);
    const expected: number[] = JSON.parse(readFileSync(fixture('pretrained.json'), 'utf8'))[what];
    expect(distance(model.predict(image) as tf.Tensor, tf.tensor2d([expected]))).toBeLessThan(1e-4);
  });
});
