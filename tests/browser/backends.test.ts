import { checkKernels } from '@kd/backend';
import { mobileNetV2 } from '@kd/models';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BACKENDS, openBackend } from './backends.ts';

it('has WebGPU', ({ skip }) => {
  if (!BACKENDS.includes('webgpu')) skip('this Chromium has no WebGPU adapter');
  expect(BACKENDS).toEqual(['webgl', 'wasm', 'webgpu']);
});

/** The workers of Emscripten's threads, which TF.js hides. */
interface Threaded {
  wasm: { PThread: { runningWorkers: unknown[] }; HEAPU8: Uint8Array };
}

describe('WebAssembly', () => {
  openBackend('wasm');

  it('has threads, which share its memory', async () => {
    expect(globalThis.crossOriginIsolated).toBe(true);
    const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    expect(getThreadsCount()).toBe(2);
    const { PThread, HEAPU8 } = (tf.backend() as unknown as Threaded).wasm;
    expect(HEAPU8.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(PThread.runningWorkers).toHaveLength(1); // the page's own thread is the other
  });

  it('has every kernel that training a MobileNetV2 takes, in spite of the threads', () => {
    const model = mobileNetV2({ classNames: ['a', 'b'], depthMultiplier: 0.1 });
    expect(checkKernels(model)).toEqual({ backend: 'wasm', missing: [] });
    model.dispose();
  });
});
