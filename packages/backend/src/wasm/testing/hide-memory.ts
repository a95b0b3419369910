import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../wasm-backend.ts';

/**
 * Hides the memory of the current backend, as TF.js may: our kernels do not run then, nor where there are threads or no
 * SIMD. To be called before completeWasm.
 *
 * @returns shows it again
 */
export function hideMemory(): () => void {
  const { wasm } = tf.backend() as WasmBackend;
  const { asm } = wasm;
  const { memory: _, ...rest } = asm!;
  wasm.asm = rest;
  return () => {
    if (asm) wasm.asm = asm;
  };
}
