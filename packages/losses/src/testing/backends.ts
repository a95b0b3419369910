import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll } from 'vitest';

const inBrowser = 'document' in globalThis;

const load: Readonly<Record<string, () => Promise<unknown>>> = {
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  wasm: async () => {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    if (!inBrowser) return; // Node finds the files, and has no threads
    const tfjs = new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/package.json', import.meta.url);
    wasm.setWasmPaths(new URL('dist/', tfjs.href).href);
    // TF.js makes half as many threads as there are cores, so a machine of CI would have one.
    Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4, configurable: true });
  },
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
};

interface WebGpu {
  requestAdapter(): Promise<object | null>;
}

/** A browser may have WebGPU's interface and nothing behind it. */
async function browserBackends(): Promise<string[]> {
  const { gpu } = globalThis.navigator as { gpu?: WebGpu };
  return (await gpu?.requestAdapter()) ? ['webgl', 'wasm', 'webgpu'] : ['webgl', 'wasm'];
}

/** Every loss is tested on each of these: their kernels differ. */
export const backends: readonly string[] = inBrowser ? await browserBackends() : ['cpu', 'wasm'];

/** What float32 allows, relative to the largest value. */
export function tolerance(): number {
  return tf.getBackend() === 'cpu' ? 1e-5 : 1e-4;
}

/** For `describe.each(backends)`: makes the backend current before the tests inside. */
export function useBackend(name: string): void {
  beforeAll(async () => {
    await load[name]!();
    if (!(await tf.setBackend(name))) throw new Error(`TF.js could not start ${name}`);
    // Tensors as small as those of tests would otherwise be computed on the cpu.
    if (name === 'webgl') tf.env().set('WEBGL_CPU_FORWARD', false);
    if (name === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', false);
  });
}
