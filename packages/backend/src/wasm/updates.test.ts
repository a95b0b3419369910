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

it('what no longer learns ends at 0, and not among the slow numbers below 2^-126', () => {
  const undo = completeWasm();
  const gradient = tf.tensor1d([0, 1e-45, -1e-40, 1e-15]);
  const options = { learningRate: 1e-3, beta1: 0.9, beta2: 0.9, epsilon: 1e-8, step: 1000 };
  let moments: tf.Tensor[] = [tf.tensor1d([1e-35, -1e-35, 1e-38, 0]), tf.tensor1d([1e-35, 1e-35, 1e-38, 0])];
  for (let i = 0; i < 200; i++) {
    moments = tf.tidy(() => adamUpdate(tf.ones([4]), gradient, moments[0]!, moments[1]!, options).slice(1));
  }
  const [first, second] = moments.map((each) => Array.from(each.dataSync()));
  expect(first!.slice(0, 3)).toEqual([0, 0, 0]);
  expect(first![3]! / 1e-15).toBeCloseTo(1, 5);
  expect(second!.slice(0, 3)).toEqual([0, 0, 0]);
  expect(second![3]! / 1e-30).toBeCloseTo(1, 5);
  let velocity: tf.Tensor = tf.tensor1d([1e-35, -1e-35, 1e-38, 0]);
  for (let i = 0; i < 200; i++) {
    velocity = tf.tidy(() => sgdUpdate(tf.ones([4]), gradient, velocity, { learningRate: 0.1, momentum: 0.9 })[1]!);
  }
  expect(Array.from(velocity.dataSync()).slice(0, 3)).toEqual([0, 0, 0]);
  undo();
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
