import { mlp } from '@kd/models';
import { predictLogits } from '@kd/train';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { network, testDigits } from '../../../train/src/testing/digits.ts';
import { countingRuntime } from '../testing/counting-runtime.ts';
import { compileForward } from './compile-forward.ts';

const options = { cacheDir: false, threads: 1 } as const;

it('gives the logits of the model in inference mode, for every batch size, and follows its weights', async () => {
  const model = network();
  model.apply(tf.randomNormal([64, 28, 28, 1], 0, 1, 'float32', 3), { training: true }); // moves the running statistics
  const { load, opened } = countingRuntime();
  const forward = compileForward(model, { ...options, block: 1, load });
  const loader = testDigits(230); // 100, 100, 30
  const compare = async () => {
    const want = await predictLogits(model, loader);
    const got = await predictLogits(model, loader, {
      logits: ({ images }) => forward.predict(images.data, images.shape),
    });
    expect(got.labels).toEqual(want.labels);
    const largest = want.logits.reduce((max, logit) => Math.max(max, Math.abs(logit)), 0);
    want.logits.forEach((logit, i) => {
      expect(Math.abs(got.logits[i]! - logit)).toBeLessThan(1e-5 * largest);
    });
    return got.logits;
  };
  const before = await compare();
  for (const { val } of model.weights as never as { val: tf.Variable }[]) {
    tf.tidy(() => val.assign(tf.mul(val, 1.5)));
  }
  expect(await compare()).not.toEqual(before);
  expect(opened()).toBe(2);
  await forward.release();
});

it('takes uint8 images with their normalisation', async () => {
  const model = mlp({ inputShape: [4, 4, 1], hiddenSizes: [5], classNames: ['a', 'b'], seed: 2 });
  const forward = compileForward(model, { ...options, normalization: { mean: [0.25], std: [0.5] } });
  const pixels = Uint8Array.from({ length: 32 }, (_, i) => 8 * i);
  const ready = Float32Array.from(pixels, (pixel) => (pixel / 255 - 0.25) / 0.5);
  const [got, want] = [await forward.predict(pixels, [2, 4, 4, 1]), await forward.predict(ready, [2, 4, 4, 1])];
  got.forEach((logit, i) => {
    expect(logit).toBeCloseTo(want[i]!, 5);
  });
  await forward.release();
});
