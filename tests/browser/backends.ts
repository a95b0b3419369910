// What the tests of this folder have in common. They run in Chromium alone: the page is cross-origin isolated, so
// WebAssembly has threads.
import '@tensorflow/tfjs-backend-cpu';
import { completeWasm, completeWebgl } from '@kd/backend';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll } from 'vitest';
import { backends, useBackend } from '../../packages/losses/src/testing/backends.ts';

/** WebGL, WebAssembly with two threads, and WebGPU where there is an adapter. */
export const BACKENDS: readonly string[] = backends;

/** WebGPU needs nothing. */
const complete: Readonly<Record<string, () => () => void>> = { wasm: completeWasm, webgl: completeWebgl };

/** For `describe.each(BACKENDS)`: makes the backend current, completed for training, before the tests inside. */
export function openBackend(name: string): void {
  useBackend(name);
  beforeAll(() => complete[name]?.());
}

/** Runs something on the backend of JavaScript, which the others are compared with. */
export async function onCpu<T>(run: () => Promise<T>): Promise<T> {
  const current = tf.getBackend();
  await tf.setBackend('cpu');
  try {
    return await run();
  } finally {
    await tf.setBackend(current);
  }
}
