import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll } from 'vitest';

const inBrowser = 'document' in globalThis;

/** Every loss is tested on each of these: their kernels differ. */
export const backends: readonly string[] = inBrowser ? ['webgl', 'webgpu'] : ['cpu', 'wasm'];

/** What float32 allows, relative to the largest value. */
export function tolerance(): number {
  return tf.getBackend() === 'cpu' ? 1e-5 : 1e-4;
}

const load: Readonly<Record<string, () => Promise<unknown>>> = {
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
};

/** For `describe.each(backends)`: makes the backend current before the tests inside. */
export function useBackend(name: string): void {
  beforeAll(async () => {
    await load[name]!();
    await tf.setBackend(name);
  });
}
