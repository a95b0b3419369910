import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { completeWasm } from './install.ts';

beforeAll(async () => {
  await tf.setBackend('wasm');
});

it('shares values between a tensor and its clone until the last is disposed', () => {
  const undo = completeWasm();
  const before = tf.backend().numDataIds();
  const x = tf.tensor1d([1, 2, 3]);
  const y = tf.clone(x);
  expect(tf.backend().numDataIds()).toBe(before + 1);
  x.dispose();
  expect(Array.from(y.dataSync())).toEqual([1, 2, 3]);
  y.dispose();
  expect(tf.backend().numDataIds()).toBe(before);
  undo();
});

it('keeps a clone as it was when the variable moves on', () => {
  const undo = completeWasm();
  const variable = tf.variable(tf.tensor1d([1, 2]));
  const kept = tf.clone(variable);
  tf.tidy(() => variable.assign(tf.tensor1d([3, 4])));
  expect(Array.from(kept.dataSync())).toEqual([1, 2]);
  expect(Array.from(variable.dataSync())).toEqual([3, 4]);
  tf.dispose([variable, kept]);
  undo();
});
