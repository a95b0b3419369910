import type * as tf from '@tensorflow/tfjs-core';
import { addressOf, makeRoom, makeZeros, sizeOf } from './memory.ts';
import { ownKernels } from './own-kernels.ts';
import { installKernel, undoAll } from './wasm-backend.ts';

/**
 * Registers `KdLayerNorm` and `KdLayerNormGrad` on the WebAssembly backend: one pass over the tensor each. Saved are
 * mean and 1 / sqrt(variance + epsilon) of each row, next to each other.
 *
 * @returns undoes it
 */
export function installLayerNorm(): () => void {
  const forward = installKernel<Record<'x' | 'gamma' | 'beta', tf.TensorInfo>, { epsilon: number }>(
    'KdLayerNorm',
    ({ inputs: { x, gamma, beta }, attrs: { epsilon }, backend }) => {
      const columns = x.shape.at(-1)!;
      const rows = sizeOf(x.shape.slice(0, -1));
      const [y, saved] = [makeRoom(backend, x.shape), makeRoom(backend, [rows, 2])];
      const addresses = [x, gamma, beta, y, saved].map((each) => addressOf(backend, each));
      if (rows * columns > 0) ownKernels(backend)!.layerNorm(...addresses, rows, columns, epsilon);
      return [y, saved];
    },
  );
  const backward = installKernel<Record<'dy' | 'x' | 'gamma' | 'saved0', tf.TensorInfo>, object>(
    'KdLayerNormGrad',
    ({ inputs: { dy, x, gamma, saved0 }, backend }) => {
      const columns = x.shape.at(-1)!;
      const rows = sizeOf(x.shape.slice(0, -1));
      const outputs = [makeRoom(backend, x.shape), makeZeros(backend, [columns]), makeZeros(backend, [columns])];
      const addresses = [dy, x, gamma, saved0, ...outputs].map((each) => addressOf(backend, each));
      if (rows * columns > 0) ownKernels(backend)!.layerNormGradient(...addresses, rows, columns);
      return outputs;
    },
  );
  return undoAll([forward, backward]);
}
