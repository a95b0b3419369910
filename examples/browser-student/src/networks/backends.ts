import { completeWasm, completeWebgl } from '@kd/backend';
import { KdError } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';

export type BackendName = 'wasm' | 'webgl' | 'webgpu';

interface Backend {
  label: string;
  /** Whether this browser may have it; `start` finds out. */
  isThere: () => boolean;
  /** Only the one that is used is loaded. */
  load: () => Promise<unknown>;
  /** Repairs what is wrong with it. @returns undoes that */
  complete?: () => () => void;
}

/** WebAssembly first: it is everywhere, and its numbers are those of Node. */
export const BACKENDS: Readonly<Record<BackendName, Backend>> = {
  wasm: {
    label: 'WebAssembly',
    isThere: () => typeof WebAssembly === 'object',
    load: async () => {
      const [wasm, plain, simd] = await Promise.all([
        import('@tensorflow/tfjs-backend-wasm'),
        import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'),
        import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'),
      ]);
      // With threads it starts workers of scripts that it makes up, which the page's policy forbids.
      tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      wasm.setWasmPaths({
        'tfjs-backend-wasm.wasm': plain.default,
        'tfjs-backend-wasm-simd.wasm': simd.default,
        'tfjs-backend-wasm-threaded-simd.wasm': simd.default, // never asked for, but has to be named
      });
    },
    complete: completeWasm, // with fused kernels of vision transformers
  },
  webgl: {
    label: 'WebGL',
    isThere: () => document.createElement('canvas').getContext('webgl2') !== null,
    load: () => import('@tensorflow/tfjs-backend-webgl'),
    complete: completeWebgl,
  },
  webgpu: {
    label: 'WebGPU',
    isThere: () => 'gpu' in navigator,
    load: () => import('@tensorflow/tfjs-backend-webgpu'),
  },
};

let undo: () => void = () => {};

/**
 * Makes a backend TF.js' current one. Models that were loaded on another one are to be loaded anew.
 *
 * @throws {KdError} UNSUPPORTED if this browser cannot run it
 */
export async function startBackend(name: BackendName): Promise<void> {
  const { label, load, complete } = BACKENDS[name];
  undo();
  undo = () => {};
  await load();
  const started = await tf.setBackend(name).catch(() => false);
  if (!started) throw new KdError('UNSUPPORTED', `startBackend: this browser cannot start ${label}; choose another`);
  if (complete) undo = complete();
}
