import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { expectClose } from '../../../ops/src/testing/check-op.ts';
import { completeWasm } from './install.ts';

beforeAll(async () => {
  await tf.setBackend('wasm');
});

it.each([
  [[64, 10], 0],
  [
    [2, 3, 5, 7],
    [0, 1, 2],
  ],
  [
    [2, 3, 5, 7],
    [1, 0],
  ],
  [[40000, 3], [0]],
  [[3, 2500], [0]],
  [[9, 1], [0]],
  [[2, 3, 4], [1]], // left to the stock kernel
  [
    [2, 3, 4],
    [0, 1, 2],
  ],
  [[1, 5], [0]],
  [[0, 5], [0]],
] as [number[], number | number[]][])('sums %j over %j', (shape, axes) => {
  const x = tf.randomNormal(shape, 1, 1, 'float32', 1);
  for (const op of [tf.sum, tf.mean]) {
    for (const keepDims of [false, true]) {
      const stock = op(x, axes, keepDims);
      const undo = completeWasm();
      const before = tf.memory().numTensors;
      const ours = op(x, axes, keepDims);
      expect(tf.memory().numTensors).toBe(before + 1);
      undo();
      expect(ours.shape).toEqual(stock.shape);
      expectClose(ours.dataSync(), stock.dataSync(), 1e-5, `${op.name} keepDims ${keepDims}`);
    }
  }
});
