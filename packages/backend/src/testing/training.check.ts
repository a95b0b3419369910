import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { expectClose } from '../../../ops/src/testing/check-op.ts';
import { NETWORK_NAMES, trainNetwork } from '../../../ops/src/testing/networks.ts';
import { BACKEND, openBackend } from './open-backend.ts';

openBackend();

it.each(NETWORK_NAMES)('a small network trains as on cpu, and leaks nothing: %s', async (name) => {
  const current = tf.getBackend();
  const before = tf.memory().numTensors;
  const actual = await trainNetwork(name);
  expect(new Set(actual.tensors).size, 'tensors after each step').toBe(1);
  expect(tf.memory().numTensors, 'tensors in the end').toBe(before);
  await tf.setBackend('cpu');
  const expected = await trainNetwork(name);
  await tf.setBackend(current);
  expectClose(actual.losses, expected.losses, 1e-3, 'loss');
  expectClose(actual.logits, expected.logits, 1e-2, 'logits');
});

const STEPS = BACKEND === 'webgpu' ? 200 : 2000; // 200 on a processor that plays GPU

interface Use {
  tensors: number;
  /** Of TensorFlow. */
  native: number;
  megabytes: number;
}

function memoryInUse(): Use {
  (globalThis as { gc?: () => void }).gc!();
  const native = (tf.backend() as { getNumOfTFTensors?: () => number }).getNumOfTFTensors?.() ?? 0;
  return { tensors: tf.memory().numTensors, native, megabytes: Math.round(process.memoryUsage().rss / 1e6) };
}

it(`uses no more memory after ${STEPS} steps`, async () => {
  await trainNetwork('inverted residual', STEPS / 2); // until caches and V8's heap have their size
  const before = memoryInUse();
  await trainNetwork('inverted residual', STEPS);
  const after = memoryInUse();
  console.log(`memory before and after ${STEPS} steps: ${JSON.stringify(before)}, ${JSON.stringify(after)}`);
  expect([after.tensors, after.native]).toEqual([before.tensors, before.native]);
  expect(after.megabytes - before.megabytes).toBeLessThan(30);
});
