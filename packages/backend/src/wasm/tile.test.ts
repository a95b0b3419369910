import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { completeWasm } from './install.ts';

beforeAll(async () => {
  await tf.setBackend('wasm');
});

it.each([
  [
    [1, 1, 1, 5],
    [3, 2, 7, 1],
  ],
  [
    [1, 4],
    [3, 2],
  ],
  [
    [4, 3],
    [2, 1],
  ],
  [
    [4, 3],
    [1, 2],
  ], // row by row: the stock kernel
  [[6], [1]],
  [[3], [0]],
] as [number[], number[]][])('repeats %j as the stock kernel does, %j times', (shape, reps) => {
  const x = tf.reshape(
    tf.range(
      0,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );
  const run = () => tf.tidy(() => tf.tile(x, reps));
  const stock = run();
  const undo = completeWasm();
  const ours = run();
  undo();
  expect(ours.shape).toEqual(stock.shape);
  expect(Array.from(ours.dataSync())).toEqual(Array.from(stock.dataSync()));
});
