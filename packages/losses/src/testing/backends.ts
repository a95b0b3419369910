import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll } from 'vitest';

const load = {
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
};

type BackendName = keyof typeof load;

async function here(): Promise<BackendName[]> {
  if (!('document' in globalThis)) return ['cpu', 'wasm'];
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
  return (await gpu?.requestAdapter()) ? ['webgl', 'webgpu'] : ['webgl'];
}

/** Every loss is tested on each of these, in Node and in a browser: their kernels differ. */
export const backends: readonly BackendName[] = await here();

/** What float32 allows, relative to the largest value. */
export function tolerance(): number {
  return tf.getBackend() === 'cpu' ? 1e-5 : 1e-4;
}

/** For `describe.each(backends)`: makes the backend current before the tests inside. */
export function useBackend(name: BackendName): void {
  beforeAll(async () => {
    await load[name]();
    if (!(await tf.setBackend(name))) throw new Error(`TF.js could not start ${name}`);
  });
}
