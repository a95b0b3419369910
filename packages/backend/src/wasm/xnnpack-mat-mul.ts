import type * as tf from '@tensorflow/tfjs-core';
import { type Product, transpose } from './product.ts';
import type { WasmBackend } from './wasm-backend.ts';

// Nanoseconds for each value, measured on x64: only their ratio matters.
const TRANSPOSE_COST = 1;
const PACK_COST = 4;

/** True if computing `(B' A')'` moves fewer values than `A B`, where XNNPACK packs the right operand. */
export function swapIsCheaper(product: Omit<Product, 'batch' | 'batchA' | 'batchB' | 'outputShape'>): boolean {
  const { rows, inner, columns, transposeA, transposeB } = product;
  const a = rows * inner;
  const b = inner * columns;
  const direct = (transposeA ? a : 0) * TRANSPOSE_COST + (transposeB ? b : 0) * TRANSPOSE_COST + b * PACK_COST;
  const swapped = ((transposeA ? 0 : a) + (transposeB ? 0 : b) + rows * columns) * TRANSPOSE_COST + a * PACK_COST;
  return swapped < direct;
}

/**
 * A float32 matrix product by the backend's own kernel (XNNPACK), which is fast for plain operands only: transposes
 * them first as needed.
 *
 * @param plain the backend's own `BatchMatMul`
 */
export function xnnpackMatMul(
  backend: WasmBackend,
  plain: tf.KernelFunc,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  product: Product,
): tf.TensorInfo {
  const scratch: tf.TensorInfo[] = [];
  const oriented = (matrix: tf.TensorInfo, flip: boolean): tf.TensorInfo => {
    if (!flip) return { ...matrix, shape: matrix.shape.slice(-2) };
    const flipped = transpose(backend, matrix);
    scratch.push(flipped);
    return flipped;
  };
  const run = (left: tf.TensorInfo, right: tf.TensorInfo): tf.TensorInfo =>
    plain({
      inputs: { a: left, b: right } as never,
      attrs: { transposeA: false, transposeB: false } as never,
      backend,
    }) as tf.TensorInfo;

  let result: tf.TensorInfo;
  if (swapIsCheaper(product)) {
    const swapped = run(oriented(b, !product.transposeB), oriented(a, !product.transposeA));
    scratch.push(swapped);
    result = transpose(backend, swapped);
  } else {
    result = run(oriented(a, product.transposeA), oriented(b, product.transposeB));
  }
  for (const { dataId } of scratch) backend.disposeData(dataId);
  return result;
}
