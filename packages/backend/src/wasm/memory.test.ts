import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import { adamUpdate, batchNormTraining, gelu, layerNorm, relu6 } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { completeWasm } from './install.ts';
import type { WasmBackend } from './wasm-backend.ts';

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 0.3, 'float32', seed);

it('300 steps leave tensors and memory as they were', async () => {
  await tf.setBackend('wasm');
  const undo = completeWasm();
  const { wasm } = tf.backend() as WasmBackend;
  const x = random([4, 32, 32, 3], 1) as tf.Tensor4D;
  let weights = [[3, 3, 3, 16], [16], [16], [3, 3, 16, 1], [1, 1, 16, 24], [24], [24], [24, 10]].map(random);
  let moments = weights.map((each) => [tf.zerosLike(each), tf.zerosLike(each)]);
  const network = (...w: tf.Tensor[]): tf.Scalar => {
    const row = (i: number) => w[i] as tf.Tensor1D;
    let y = tf.conv2d(x, w[0] as tf.Tensor4D, 1, 'same');
    y = tf.maxPool(relu6(batchNormTraining(y, row(1), row(2)).output), 2, 2, 'same');
    y = tf.avgPool(tf.depthwiseConv2d(y, w[3] as tf.Tensor4D, 2, 'same'), 2, 2, 'same');
    y = gelu(layerNorm(tf.conv2d(y, w[4] as tf.Tensor4D, 1, 'same'), row(5), row(6)));
    return tf.mean(tf.square(tf.matMul(tf.mean(y, [1, 2]) as tf.Tensor2D, w[7] as tf.Tensor2D)));
  };
  const attributes = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const train = (step: number): void => {
    const updated = tf.tidy(() => {
      const gradients = tf.grads(network)(weights);
      return weights.map((each, i) => {
        const [first, second] = moments[i] as [tf.Tensor, tf.Tensor];
        return adamUpdate(each, gradients[i]!, first, second, { ...attributes, step });
      });
    });
    tf.dispose([weights, moments]);
    weights = updated.map(([value]) => value);
    moments = updated.map(([, ...rest]) => rest);
  };
  for (let step = 1; step <= 20; step++) train(step);
  const state = () => ({
    tensors: tf.memory().numTensors,
    data: tf.backend().numDataIds(),
    bytes: wasm.HEAPU8.byteLength,
  });
  const before = state();
  for (let step = 21; step <= 320; step++) train(step);
  expect(state()).toEqual(before);
  undo();
  expect(Number.isFinite(tf.tidy(() => network(...weights).dataSync()[0]!))).toBe(true);
});

it('says so when there is no memory left, and goes on', async () => {
  await tf.setBackend('wasm');
  const undo = completeWasm();
  const before = tf.backend().numDataIds();
  const x = tf.ones([1, 1024]);
  for (const rows of [1 << 19, 1 << 22]) {
    expect(() => tf.tile(x, [rows, 1])).toThrow('take a smaller batch or dispose tensors'); // 2 GB, 16 GB
  }
  expect(tf.sum(tf.tile(x, [3, 1])).dataSync()[0]).toBe(3072);
  undo();
  expect(tf.backend().numDataIds()).toBe(before + 3);
});
