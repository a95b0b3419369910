import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageArray } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mlp } from '../../mlp/mlp.ts';
import { getPreprocessorConfig, setPreprocessorConfig } from '../../predict/preprocessor-config.ts';
import { replaceHead } from '../../replace-head.ts';
import { resnet } from '../../resnet/resnet.ts';
import { withTaps } from '../../taps.ts';
import { fromPretrained } from '../from-pretrained.ts';
import { loadModel, saveModel } from '../save-model.ts';
import { savePretrained } from '../save-pretrained.ts';
import { predict } from './predict.ts';
import type { PixelProcessor } from './read-pixels.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd predict '));
});
afterAll(() => rm(folder, { recursive: true }));

const classNames = ['cat', 'dog', 'bird'];
const model = mlp({ inputShape: [2, 3, 1], hiddenSizes: [5], classNames, seed: 3 });

const pixels = (seed: number): Uint8Array => Uint8Array.from({ length: 6 }, (_, i) => (37 * i + 91 * seed) % 256);
const encoded = (seed: number): ImageArray => ({ data: pixels(seed), shape: [2, 3, 1] });
const decoded = (seed: number): ImageArray => ({
  data: Float32Array.from(pixels(seed), (pixel) => (pixel / 255 - 0.5) / 0.25),
  shape: [2, 3, 1],
});
const processor: PixelProcessor = {
  process: ({ data, shape }) => ({ data: Float32Array.from(data, (pixel) => (pixel / 255 - 0.5) / 0.25), shape }),
};

/** By the definition, one image at a time. */
function scores(image: ImageArray): number[] {
  const logits = tf.tidy(() => {
    const x = tf.tensor(image.data, [1, ...image.shape], 'float32');
    return Array.from((model.apply(x) as tf.Tensor).dataSync());
  });
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  return logits.map((logit) => Math.exp(logit) / sum);
}

describe('predict', () => {
  it('names the classes by their softmax, best first', async () => {
    const want = scores(decoded(1));
    const found = await predict(model, decoded(1));
    expect(found.map(({ label }) => classNames.indexOf(label))).toEqual(found.map(({ index }) => index));
    for (const { index, score } of found) expect(score).toBeCloseTo(want[index]!, 6);
    expect(found.map(({ index }) => index)).toEqual([0, 1, 2].sort((a, b) => want[b]! - want[a]!));
    expect(await predict(model, decoded(1), { topK: 1 })).toEqual(found.slice(0, 1));
    const [first] = await predict(model, decoded(1), { classNames: ['a', 'b', 'c'] });
    expect(first!.label).toBe(['a', 'b', 'c'][first!.index]);
  });

  it('takes uint8 pixels through the processor, files through the reader, and batches as loaders give them', async () => {
    const seeds = [1, 2, 3, 4, 5];
    const want = await Promise.all(seeds.map((seed) => predict(model, decoded(seed))));
    const close = (found: unknown) =>
      expect(found).toEqual(want.map((each) => each.map((one) => ({ ...one, score: expect.closeTo(one.score, 6) }))));
    close(await predict(model, seeds.map(encoded), { processor }));
    close(await predict(model, seeds.map(decoded), { batchSize: 2 }));

    const read: unknown[] = [];
    const readImage = async (source: unknown): Promise<ImageArray> => encoded(seeds[read.push(source) - 1]!);
    const sources = ['a.jpg', new URL('file:///b.jpg'), Uint8Array.of(1), 'c.jpg', 'd.jpg'];
    close(await predict(model, sources, { processor, readImage }));
    expect(read).toEqual(sources);
    for (const source of ['a.jpg', new URL('file:///b.jpg'), Uint8Array.of(1)]) {
      expect((await predict(model, source, { processor, readImage: async () => encoded(1) }))[0]?.label).toBe(
        want[0]![0]!.label,
      );
    }

    const shape = [5, 2, 3, 1];
    close(
      await predict(
        model,
        { images: { data: Uint8Array.from(seeds.flatMap((seed) => [...pixels(seed)])), shape } },
        { processor },
      ),
    );
    const data = Float32Array.from(seeds.flatMap((seed) => [...decoded(seed).data]));
    close(await predict(model, { images: { data, shape } }));
    const bytes = { data: Uint8Array.from(seeds.flatMap((seed) => [...pixels(seed)])), shape };
    close(await predict(model, { images: bytes, normalization: { mean: [0.5], std: [0.25] } }));
    expect(await predict(model, [])).toEqual([]);
  });

  it('takes logits from a model with taps, and images of different sizes where the model does', async () => {
    const found = await predict(model, decoded(1));
    expect(await predict(withTaps(model, ['relu1']), decoded(1))).toEqual(found);
    const anySize = resnet({ classNames, embeddingSize: 4, hiddenSizes: [4], depths: [1], seed: 1 });
    const sized = (size: number): ImageArray => ({
      data: Float32Array.from({ length: size * size * 3 }, (_, i) => Math.sin(i)),
      shape: [size, size, 3],
    });
    const together = await predict(anySize, [sized(32), sized(40)]);
    expect(together).toEqual([await predict(anySize, sized(32)), await predict(anySize, sized(40))]);
  });

  it('leaves no tensors behind, also when it fails', async () => {
    const before = tf.memory().numTensors;
    await predict(model, [decoded(1), decoded(2)]);
    const broken = { data: Float32Array.of(Number.NaN, 0, 0, 0, 0, 0), shape: [2, 3, 1] };
    await expect(predict(model, broken)).rejects.toThrow(/predict: the logit of 'cat' \(0\) is NaN/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says what is missing and what does not fit', async () => {
    await expect(predict(model, encoded(1))).rejects.toThrow(
      "predict: 'mlp' came without a preprocessor_config.json, so how to prepare images is not known: pass { processor }",
    );
    await expect(predict(model, [decoded(1), { data: new Float32Array(9), shape: [3, 3, 1] }])).rejects.toThrow(
      "predict: 'mlp' takes float32 [2, 3, 1]; image 1 is Float32Array of 9 values, shape [3,3,1], after processing",
    );
    const lazy = { process: (image: ImageArray) => image };
    await expect(predict(model, encoded(1), { processor: lazy })).rejects.toThrow('image 0 is Uint8Array of 6 values');
    await expect(predict(model, decoded(1), { topK: 0 })).rejects.toThrow(
      'predict: topK must be a whole number > 0, got 0',
    );
    await expect(predict(model, decoded(1), { classNames: ['a'] })).rejects.toThrow('3 logits, but 1 classNames');
    const features = tfl.model({
      inputs: model.inputs,
      outputs: tfl.layers.reshape({ targetShape: [3, 1] }).apply(model.outputs[0]!) as tfl.SymbolicTensor,
    });
    await expect(predict(features, decoded(1), { classNames })).rejects.toThrow(
      'gives [1,3,1], not logits [batch, classes]',
    );
    await expect(predict(features, decoded(1))).rejects.toThrow('was not made by @kd/models');
  });
});

describe('the preprocessor config', () => {
  const config = { image_processor_type: 'ViTImageProcessor', size: { height: 2, width: 3 }, image_mean: [0.5] };

  it('travels with the model through every kind of file', async () => {
    const source = mlp({ inputShape: [2, 3, 1], hiddenSizes: [], classNames });
    expect(getPreprocessorConfig(source)).toBeUndefined();
    setPreprocessorConfig(source, config);
    const [hub, ours] = [join(folder, 'hub'), join(folder, 'tfjs')];
    await savePretrained(source, hub);
    expect(JSON.parse(await readFile(join(hub, 'preprocessor_config.json'), 'utf8'))).toEqual(config);
    await saveModel(source, ours);
    for (const loaded of [await fromPretrained(hub), await loadModel(ours)]) {
      expect(getPreprocessorConfig(loaded)).toEqual(config);
      expect(getPreprocessorConfig(withTaps(loaded, ['flatten']))).toEqual(config);
      expect(getPreprocessorConfig(replaceHead(loaded, { classNames: ['a', 'b'] }))).toEqual(config);
    }
  });

  it('is refused if it is no object', async () => {
    const place = join(folder, 'bad');
    await savePretrained(mlp({ hiddenSizes: [], classNames }), place, { files: { 'preprocessor_config.json': '[1]' } });
    await expect(fromPretrained(place)).rejects.toThrow(/fromPretrained: '.*preprocessor_config.json' is no object/);
    await writeFile(join(place, 'preprocessor_config.json'), '{');
    await expect(fromPretrained(place)).rejects.toThrow(/preprocessor_config.json' is not JSON/);
  });
});
