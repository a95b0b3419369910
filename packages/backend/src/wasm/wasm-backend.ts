import * as tf from '@tensorflow/tfjs-core';
import { replaceKernel as replaceKernelOn } from '../registry.ts';

export { undoAll } from '../registry.ts';

/**
 * What we use of TF.js' WebAssembly backend beyond its public types: tensors live at `memoryOffset` in the memory of
 * one WebAssembly module.
 */
export interface WasmBackend extends tf.KernelBackend {
  wasm: {
    asm?: { memory?: WebAssembly.Memory };
    HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  dataIdMap: { get(id: object): { memoryOffset: number } };
  makeOutput(shape: number[], dtype: tf.DataType, memoryOffset?: number): tf.TensorInfo;
  /** Until the memory grows. */
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
}

/** The arguments of a kernel, as TF.js' own kernels see them. */
interface KernelCall<Inputs, Attributes> {
  inputs: Inputs;
  attrs: Attributes;
  backend: WasmBackend;
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

/** `replaceKernel` on this backend. @returns undoes it */
export const replaceKernel = (
  kernelName: string,
  make: (original: tf.KernelFunc | undefined) => tf.KernelFunc,
): (() => void) => replaceKernelOn('wasm', kernelName, make);

/** `replaceKernel` for a kernel whose inputs and attributes have types. */
export function installKernel<Inputs, Attributes>(
  kernelName: string,
  run: (call: KernelCall<Inputs, Attributes>) => tf.TensorInfo | tf.TensorInfo[],
): () => void {
  return replaceKernel(kernelName, () => run as unknown as tf.KernelFunc);
}
