import * as tf from '@tensorflow/tfjs-core';
import { backendError } from '../errors.ts';
import { installAdam } from './adam.ts';
import { shareIdentity } from './identity.ts';
import { repairMatMul } from './mat-mul.ts';
import type { WasmBackend } from './wasm-backend.ts';

/**
 * Completes TF.js' WebAssembly backend for training: matrix products with transposed or fresh operands at full speed,
 * clones without copies, and Adam as one kernel. Results keep their bits. It must be the current backend.
 *
 * @returns puts the backend's own kernels back
 * @throws {KdError} NOT_FOUND if the current backend is another
 *
 * @example
 * import { completeWasm } from '@kd/backend';
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-wasm';
 * await tf.setBackend('wasm');
 * const undo = completeWasm();
 * undo();
 * console.log(tf.getBackend()); // wasm
 */
export function completeWasm(): () => void {
  if (tf.getBackend() !== 'wasm') {
    throw backendError(
      `completeWasm: the current backend is '${tf.getBackend()}'; call await tf.setBackend('wasm') first`,
    );
  }
  const backend = tf.backend() as WasmBackend;
  const undo = [repairMatMul(backend), shareIdentity(), installAdam(backend)];
  return () => {
    for (const each of undo.reverse()) each();
  };
}
