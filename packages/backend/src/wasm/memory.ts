import type * as tf from '@tensorflow/tfjs-core';
import { backendError } from '../errors.ts';
import type { WasmBackend } from './wasm-backend.ts';

function allocate(backend: WasmBackend, bytes: number): number {
  // Sizes above 2 GB are taken for negative; addresses above it come back so.
  const address = bytes < 2 ** 31 ? backend.wasm._malloc(bytes) >>> 0 : 0;
  if (address === 0) {
    throw backendError(
      `WebAssembly: no memory for another ${Math.ceil(bytes / 2 ** 20)} MB; take a smaller batch or dispose tensors`,
      'FAILED',
    );
  }
  return address;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

export const addressOf = (backend: WasmBackend, { dataId }: tf.TensorInfo): number =>
  backend.dataIdMap.get(dataId).memoryOffset;

/** Values in the backend's memory. Not to be kept: the memory moves when it grows. */
export const viewOf = (backend: WasmBackend, address: number, count: number): Float32Array =>
  new Float32Array(backend.wasm.HEAPU8.buffer, address, count);

/** All values of a float32 tensor, as `viewOf`. */
export const valuesOf = (backend: WasmBackend, info: tf.TensorInfo): Float32Array =>
  viewOf(backend, addressOf(backend, info), sizeOf(info.shape));

/**
 * A new float32 tensor with room behind it, so that a kernel can write whole vectors. To read some behind any tensor is
 * safe: the allocator's own bookkeeping lies behind the last.
 */
export function makeRoom(backend: WasmBackend, shape: number[]): tf.TensorInfo {
  return backend.makeOutput(shape, 'float32', allocate(backend, 4 * sizeOf(shape) + 12));
}

/** `makeRoom`, of zeros. */
export function makeZeros(backend: WasmBackend, shape: number[]): tf.TensorInfo {
  const zeros = makeRoom(backend, shape);
  valuesOf(backend, zeros).fill(0);
  return zeros;
}

/** Runs with the addresses of `counts` float32 values each, which are gone afterwards. */
export function withScratch<T>(backend: WasmBackend, counts: readonly number[], run: (addresses: number[]) => T): T {
  const rounded = counts.map((count) => (4 * count + 15) & -16);
  const start = allocate(
    backend,
    rounded.reduce((sum, bytes) => sum + bytes, 16),
  );
  try {
    let next = start;
    return run(
      rounded.map((bytes) => {
        const address = next;
        next += bytes;
        return address;
      }),
    );
  } finally {
    backend.wasm._free(start);
  }
}

/** Runs with a function that takes note of tensors, which are disposed of afterwards. */
export function withTemporaries<T>(
  backend: WasmBackend,
  run: (temporary: (info: tf.TensorInfo) => tf.TensorInfo) => T,
): T {
  const taken: tf.TensorInfo[] = [];
  try {
    return run((info) => {
      taken.push(info);
      return info;
    });
  } finally {
    for (const { dataId } of taken) backend.disposeData(dataId);
  }
}
