import '@tensorflow/tfjs-backend-wasm';
import { completeWasm } from '@kd/backend';
import { type BackendName, selectBackend } from '@kd/backend/node';
import * as tf from '@tensorflow/tfjs-core';

/** Runs something under changed kernels, and puts them back. */
export type Under = <T>(run: () => Promise<T>) => Promise<T>;

export interface Backend {
  /** Runs under the backend as TF.js ships it; absent where we change nothing. */
  stock?: Under;
}

/** Makes a backend the current one, completed as users have it. */
export async function openBackend(name: BackendName): Promise<Backend> {
  if (name !== 'wasm') {
    await selectBackend({ backend: name });
    return {};
  }
  // Not by selectBackend, which keeps for itself what would undo the completion.
  await tf.setBackend('wasm');
  let undo = completeWasm();
  return {
    async stock(run) {
      undo();
      try {
        return await run();
      } finally {
        undo = completeWasm();
      }
    },
  };
}

/** Runs under the current backend without one kernel; undefined if it has none of this name. */
export function withoutKernel(kernelName: string): Under | undefined {
  const backendName = tf.getBackend();
  if (!tf.getKernel(kernelName, backendName)) return undefined;
  return async (run) => {
    // Looked up each time: completing the backend anew registers a new one.
    const kernel = tf.getKernel(kernelName, backendName);
    tf.unregisterKernel(kernelName, backendName);
    try {
      return await run();
    } finally {
      tf.registerKernel(kernel);
    }
  };
}
