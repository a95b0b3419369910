import * as tf from '@tensorflow/tfjs-core';

/**
 * What we use of TF.js' WebAssembly backend beyond its public types: tensors live at `memoryOffset` in the memory of
 * one WebAssembly module.
 */
export interface WasmBackend extends tf.KernelBackend {
  wasm: { asm?: { memory?: WebAssembly.Memory } };
  dataIdMap: { get(id: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
}

/** Runs a kernel of the WebAssembly backend on tensor infos, outside the tape and the engine's bookkeeping. */
export function callKernel(
  backend: WasmBackend,
  kernelName: string,
  inputs: Record<string, tf.TensorInfo>,
  attrs: Record<string, unknown>,
): tf.TensorInfo {
  const kernel = tf.getKernel(kernelName, 'wasm');
  return kernel.kernelFunc({ inputs: inputs as never, attrs: attrs as never, backend }) as tf.TensorInfo;
}

/**
 * Puts a kernel in the place of the registered one, if any.
 *
 * @param make gets the kernel that was there
 * @returns undoes it
 */
export function replaceKernel(
  kernelName: string,
  make: (original: tf.KernelFunc | undefined) => tf.KernelFunc,
): () => void {
  const original = tf.getKernel(kernelName, 'wasm') as tf.KernelConfig | undefined;
  if (original) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: make(original?.kernelFunc) });
  return () => {
    tf.unregisterKernel(kernelName, 'wasm');
    if (original) tf.registerKernel(original);
  };
}
