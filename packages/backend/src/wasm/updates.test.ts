import '@tensorflow/tfjs-backend-wasm';
import { adamUpdate, emaUpdate, sgdUpdate } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { completeWasm } from './install.ts';

beforeAll(async () => {
  await tf.setBackend('wasm');
});

const ADAM = { learningRate: 3e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 7 };
const SGD = { learningRate: 0.1, weightDecay: 1e-3 };

it.each<[string, string, (x: tf.Tensor[]) => tf.Tensor[]]>([
  ['KdAdam', 'Adam', ([a, b, c, d]) => adamUpdate(a!, b!, c!, tf.square(d!), ADAM)],
  ['KdAdam', 'AdamW', ([a, b, c, d]) => adamUpdate(a!, b!, c!, tf.square(d!), { ...ADAM, weightDecay: 0.1 })],
  ['KdSgd', 'SGD', ([a, b]) => sgdUpdate(a!, b!, undefined, SGD)],
  ['KdSgd', 'SGD with momentum', ([a, b, c]) => sgdUpdate(a!, b!, c!, { ...SGD, momentum: 0.9 })],
  ['KdSgd', "Nesterov's", ([a, b, c]) => sgdUpdate(a!, b!, c!, { ...SGD, momentum: 0.9, nesterov: true })],
  ['KdEma', 'a moving average', ([a, b]) => [emaUpdate(a!, b!, 0.99)]],
])('%s gives the bits of the composition: %s', (kernel, _, update) => {
  for (const size of [0, 1, 3, 4, 1023, 4096]) {
    const inputs = [1, 2, 3, 4].map((seed) => tf.randomNormal([size], 0, 1, 'float32', seed));
    const run = () => tf.tidy(() => update(inputs).map((tensor) => Array.from(tensor.dataSync())));
    const composed = run();
    const undo = completeWasm();
    expect(tf.getKernel(kernel, 'wasm')).toBeDefined();
    const fused = run();
    undo();
    expect(tf.getKernel(kernel, 'wasm')).toBeUndefined();
    expect(fused).toEqual(composed);
    tf.dispose(inputs);
  }
});

it('keeps its addresses when the memory grows', () => {
  const undo = completeWasm();
  const options = { learningRate: 1, beta1: 0, beta2: 0, epsilon: 0, step: 1 };
  const one = tf.ones([1 << 22]); // 16 MB each: the memory has to grow
  const [value] = adamUpdate(tf.zeros([1 << 22]), one, one, one, options);
  expect(tf.max(value).dataSync()[0]).toBe(-1);
  expect(tf.min(value).dataSync()[0]).toBe(-1);
  undo();
});
