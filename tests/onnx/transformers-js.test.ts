// A saved and exported student in the hands of transformers.js: found in its folder, prepared, computed and named by it.
import '@tensorflow/tfjs-backend-wasm';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { env, type ImageClassificationPipeline, LogLevel, pipeline, RawImage } from '@huggingface/transformers';
import { createProcessor } from '@kd/data';
import { readImage } from '@kd/data/node';
import { getModelConfig, getPreprocessorConfig, setPreprocessorConfig } from '@kd/models';
import { fromPretrained, predict, savePretrained } from '@kd/models/node';
import { exportOnnx } from '@kd/onnx/node';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportedModel, ONE_OF_EACH } from '../../packages/onnx/src/testing/exported-models.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PICTURE = at('packages/data/fixtures/decode/rgb.jpg');
const PRETRAINED = at('../shared/models/vit-tiny-tinyimagenet');
const BEANS = at('../shared/data/beans/test/healthy');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd transformers.js '));
  env.allowRemoteModels = false;
  env.localModelPath = folder;
  env.logLevel = LogLevel.ERROR; // it warns of MLPs
  await tf.setBackend('wasm');
});
afterAll(() => rm(folder, { recursive: true }));

/** PNGs of exactly that size and as many channels: then no resizing can differ, and no decoding either. */
function pngsOf(images: readonly Sharp[], [height, width, channels]: readonly number[]): Promise<string[]> {
  return Promise.all(
    images.map(async (image, i) => {
      const file = join(folder, `${height}x${channels}-${i}.png`);
      const resized = image.resize(width, height, { fit: 'fill' });
      await (channels === 1 ? resized.toColourspace('b-w') : resized).png().toFile(file);
      return file;
    }),
  );
}

/** transformers.js takes no class from an architecture that transformers does not have, unless it is told one that it has. */
async function open(name: string): Promise<ImageClassificationPipeline> {
  const config = JSON.parse(await readFile(join(folder, name, 'config.json'), 'utf8'));
  const known = name === 'mlp' ? { config: { ...config, model_type: 'vit' } } : {};
  return (await pipeline('image-classification', name, { dtype: 'fp32', ...known })) as ImageClassificationPipeline;
}

const largestOf = (values: Iterable<number>): number => [...values].reduce((a, b) => Math.max(a, b), 0);

/** How far two lists of numbers are apart at most, relative to the largest of the second. */
function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  const differences = Array.from(expected, (value, i) => Math.abs(value - actual[i]!));
  return largestOf(differences) / largestOf(Array.from(expected, Math.abs));
}

/** What the model computes of images, by our processor and TF.js; pixels as ONNX has them. */
async function ours(model: LayersModel, files: readonly string[]) {
  const processor = createProcessor(getPreprocessorConfig(model)!);
  const channels = processor.imageShape[2];
  const images = await Promise.all(
    files.map(async (file) => {
      const { data, shape } = await readImage(file); // RGB
      const pixels = channels === 1 ? data.filter((_, i) => i % 3 === 0) : data;
      return processor.process({ data: pixels, shape: [shape[0]!, shape[1]!, channels] });
    }),
  );
  return tf.tidy(() => {
    const x = tf.stack(images.map(({ data, shape }) => tf.tensor(data, [...shape])));
    const logits = [model.predict(x)].flat()[0]!;
    const scores = tf.softmax(logits as tf.Tensor2D).arraySync() as number[][];
    return { pixels: tf.transpose(x, [0, 3, 1, 2]).dataSync(), logits: logits.dataSync(), scores };
  });
}

/** Pixels, logits and scores are ours, of images that need no resizing. */
async function expectOurs(model: LayersModel, classifier: ImageClassificationPipeline, files: readonly string[]) {
  const expected = await ours(model, files);
  const { pixel_values } = await classifier.processor(await Promise.all(files.map((file) => RawImage.read(file))));
  expect(difference(pixel_values.data, expected.pixels)).toBeLessThan(1e-6);
  const { logits } = await classifier.model({ pixel_values });
  expect(difference(logits.data, expected.logits)).toBeLessThan(1e-4);

  const { classNames } = getModelConfig(model)!;
  const inOrder = (found: readonly { label: string; score: number }[]): number[] =>
    classNames.map((label) => found.find((one) => one.label === label)!.score);
  const all = await classifier([...files], { top_k: classNames.length });
  expect(difference(all.flatMap(inOrder), expected.scores.flat())).toBeLessThan(1e-4);
  const first = await classifier(files[0]!, { top_k: classNames.length });
  expect(difference(inOrder(first), expected.scores[0]!)).toBeLessThan(1e-4);
}

describe("transformers.js' pipeline", () => {
  it.each(ONE_OF_EACH)('classifies by an exported %s as we do, three images and one', async (name) => {
    const { model, image } = exportedModel(name);
    const [height, width, channels] = image;
    const each = (value: number): number[] => new Array(channels).fill(value);
    setPreprocessorConfig(model, {
      image_processor_type: 'ViTImageProcessor',
      do_convert_rgb: channels === 3,
      do_resize: true,
      size: { height, width },
      resample: 2,
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_normalize: true,
      image_mean: each(0.5),
      image_std: each(0.25),
    });
    await savePretrained(model, join(folder, name));
    await exportOnnx(model, join(folder, name, 'onnx', 'model.onnx'));
    const classifier = await open(name);
    await expectOurs(
      model,
      classifier,
      await pngsOf([sharp(PICTURE), sharp(PICTURE).flip(), sharp(PICTURE).negate()], image),
    );
    await classifier.dispose();
  });

  it('classifies photographs by a pretrained ViT as we do', async ({ skip }) => {
    if (!existsSync(PRETRAINED) || !existsSync(BEANS))
      skip('needs shared/models/vit-tiny-tinyimagenet and shared/data/beans');
    const model = await fromPretrained(PRETRAINED);
    await savePretrained(model, join(folder, 'pretrained'));
    await exportOnnx(model, join(folder, 'pretrained', 'onnx', 'model.onnx'));
    const classifier = await open('pretrained');
    const beans = (await readdir(BEANS))
      .sort()
      .slice(0, 4)
      .map((name) => join(BEANS, name));
    await expectOurs(
      model,
      classifier,
      await pngsOf(
        beans.map((file) => sharp(file)),
        [224, 224, 3],
      ),
    );

    // From 256 x 256 each resizes in its own way: we as Pillow does, transformers.js by libvips.
    const [theirs, mine] = [await classifier(beans, { top_k: 5 }), await predict(model, beans)];
    expect(theirs.map(([best]) => best!.label)).toEqual(mine.map(([best]) => best!.label));
    const scoreOf = (found: readonly { label: string; score: number }[], label: string) =>
      found.find((each) => each.label === label)?.score ?? 0;
    const apart = mine.flatMap((five, i) =>
      five.map(({ label, score }) => Math.abs(score - scoreOf(theirs[i]!, label))),
    );
    expect(largestOf(apart)).toBeLessThan(0.05);
    await classifier.dispose();
  });
});
