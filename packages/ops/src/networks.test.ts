import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import './testing/backends.ts';
import { expectClose } from './testing/check-op.ts';
import { NETWORK_NAMES, trainNetwork } from './testing/networks.ts';

it.each(NETWORK_NAMES)('a small network trains alike on cpu and wasm, and leaks nothing: %s', async (name) => {
  const trained = [];
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    const result = await trainNetwork(name);
    expect(new Set(result.tensors).size, `tensors after each step on ${backend}`).toBe(1);
    expect(tf.memory().numTensors, `tensors in the end on ${backend}`).toBe(before);
    expect(result.losses.at(-1)!).toBeLessThan(result.losses[0]! - 0.05);
    trained.push(result);
  }
  expectClose(trained[1]!.losses, trained[0]!.losses, 1e-3, 'loss');
  expectClose(trained[1]!.logits, trained[0]!.logits, 1e-2, 'logits');
});
