import '@tensorflow/tfjs-backend-cpu';
import { mobileNetV2, vit } from '@kd/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { compileStep } from './compile-step.ts';

const SIZE = 32;
const BATCH = 4;
const classNames = ['a', 'b', 'c'];
const images = tf.tidy(() => Float32Array.from(tf.randomNormal([BATCH, SIZE, SIZE, 3], 0, 1, 'float32', 1).dataSync()));
const labels = Float32Array.from({ length: BATCH * 3 }, (_, i) => (i % 4 === 0 ? 1 : 0));
const inputs = {
  x: { data: images, shape: [BATCH, SIZE, SIZE, 3] },
  y: { data: labels, shape: [BATCH, 3] },
};

beforeAll(() => tf.setBackend('cpu'));

/** Weights, moments and statistics after three steps. */
async function trained(make: () => LayersModel, threads: number): Promise<{ name: string; data: Float32Array }[]> {
  const model = make();
  const step = compileStep({
    cacheDir: false,
    threads,
    variables: model,
    rule: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    loss: ({ x, y }) => {
      const logits = model.apply(x!, { training: true }) as tf.Tensor2D;
      return { loss: tf.neg(tf.mean(tf.sum(tf.mul(y!, tf.logSoftmax(logits)), 1))) as tf.Scalar };
    },
  });
  for (let i = 0; i < 3; i++) await step.run(inputs, { learningRate: 1e-3 });
  step.writeVariables();
  const weights = model.weights.map((weight, i) => ({
    name: `weight ${i}`,
    data: Float32Array.from(weight.read().dataSync()),
  }));
  const state = step.state().map(({ name, data }) => ({ name, data: Float32Array.from(data as Float32Array) }));
  await step.release();
  return [...weights, ...state];
}

it.each([
  [
    'a MobileNetV2 in the blocked layout',
    () => mobileNetV2({ imageSize: SIZE, depthMultiplier: 0.35, classNames, classifierDropoutProb: 0, seed: 1 }),
  ],
  [
    'a ViT',
    () =>
      vit({
        imageSize: SIZE,
        patchSize: 8,
        hiddenSize: 32,
        numHiddenLayers: 2,
        numAttentionHeads: 2,
        intermediateSize: 64,
        classNames,
        seed: 1,
      }),
  ],
] as const)('is the same for %s, in another session and with more threads', async (_, make) => {
  const first = await trained(make, 1);
  expect(first.length).toBeGreaterThan(20);
  expect(await trained(make, 1)).toEqual(first);
  expect(await trained(make, 2)).toEqual(first);
});
