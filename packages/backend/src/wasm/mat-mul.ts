import type * as tf from '@tensorflow/tfjs-core';
import { callKernel, replaceKernel, type WasmBackend } from './wasm-backend.ts';

/**
 * Why: the backend's matMul has a fast path (XNNPACK) for plain operands only, and that packs its right operand once
 * for each new tensor. A transposed operand, which every dense layer's gradient has, falls to a naive loop, 15 times
 * slower; and weights are new tensors after each training step, so packing them costs as much as a product with 64 rows.
 *
 * What: transpose first, and of `A B` and `(B' A')'` take the one with less to copy. Same values, bit for bit: XNNPACK
 * adds the products of one output in the same order either way. Weights that come again unchanged, as in inference, keep
 * the backend's own way: it has packed them by then.
 */

// Nanoseconds for each value, measured on x64: only their ratio matters.
const TRANSPOSE_COST = 1;
const PACK_COST = 4;

interface Product {
  rows: number;
  inner: number;
  columns: number;
  transposeA: boolean;
  transposeB: boolean;
}

/** True if computing `(B' A')'` moves fewer values than `A B`. */
export function swapIsCheaper({ rows, inner, columns, transposeA, transposeB }: Product): boolean {
  const a = rows * inner;
  const b = inner * columns;
  const direct = (transposeA ? a : 0) * TRANSPOSE_COST + (transposeB ? b : 0) * TRANSPOSE_COST + b * PACK_COST;
  const swapped = ((transposeA ? 0 : a) + (transposeB ? 0 : b) + rows * columns) * TRANSPOSE_COST + a * PACK_COST;
  return swapped < direct;
}

const isMatrix = ({ shape, dtype }: tf.TensorInfo): boolean =>
  dtype === 'float32' && shape.length >= 2 && shape.slice(0, -2).every((size) => size === 1);

/** The last two dimensions: what the product is about. */
function describe(a: tf.TensorInfo, b: tf.TensorInfo, transposeA: boolean, transposeB: boolean): Product {
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  return {
    rows: transposeA ? aColumns : aRows,
    inner: transposeA ? aRows : aColumns,
    columns: transposeB ? bRows : bColumns,
    transposeA,
    transposeB,
  };
}

function transpose(backend: WasmBackend, matrix: tf.TensorInfo): tf.TensorInfo {
  const x = { ...matrix, shape: matrix.shape.slice(-2) };
  return callKernel(backend, 'Transpose', { x }, { perm: [1, 0] });
}

/** One float32 matrix product, operands transposed as needed. */
function multiply(
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

function outputShape(a: tf.TensorInfo, b: tf.TensorInfo, { rows, columns }: Product): number[] {
  const rank = Math.max(a.shape.length, b.shape.length);
  return [...Array.from({ length: rank - 2 }, () => 1), rows, columns];
}

/** Tells right operands that were there before from new ones, without keeping them alive. */
function createMemory(): (b: tf.TensorInfo) => boolean {
  const seen = new WeakSet<object>();
  return ({ dataId }) => {
    const before = seen.has(dataId);
    seen.add(dataId);
    return before;
  };
}

/** Replaces `BatchMatMul` and `_FusedMatMul` of the WebAssembly backend. @returns undoes it */
export function repairMatMul(): () => void {
  let plain: tf.KernelFunc | undefined;
  const seenBefore = createMemory();
  /** Plain products that stay as they are: swapping does not pay, or the weights are packed already. */
  const keep = (product: Product, b: tf.TensorInfo): boolean =>
    !product.transposeA && !product.transposeB && (seenBefore(b) || !swapIsCheaper(product));
  const undoMatMul = replaceKernel('BatchMatMul', (original) => {
    plain = original;
    return (call) => {
      const { a, b } = call.inputs as unknown as { a: tf.TensorInfo; b: tf.TensorInfo };
      const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
      if (!isMatrix(a) || !isMatrix(b)) return original!(call);
      const product = describe(a, b, transposeA, transposeB);
      if (keep(product, b)) return original!(call);
      const result = multiply(call.backend as WasmBackend, original!, a, b, product);
      return { ...result, shape: outputShape(a, b, product) };
    };
  });
  const undoFused = replaceKernel('_FusedMatMul', (original) => (call) => {
    const inputs = call.inputs as unknown as { a: tf.TensorInfo; b: tf.TensorInfo; bias?: tf.TensorInfo };
    const { a, b, bias } = inputs;
    const attrs = call.attrs as unknown as { transposeA: boolean; transposeB: boolean; activation: string };
    if (!isMatrix(a) || !isMatrix(b) || attrs.activation !== 'linear') return original!(call);
    const product = describe(a, b, attrs.transposeA, attrs.transposeB);
    if (keep(product, b)) return original!(call);
    const backend = call.backend as WasmBackend;
    const result = { ...multiply(backend, plain!, a, b, product), shape: outputShape(a, b, product) };
    if (!bias) return result;
    const biased = callKernel(backend, 'Add', { a: result, b: bias }, {});
    backend.disposeData(result.dataId);
    return biased;
  });
  return () => {
    undoFused();
    undoMatMul();
  };
}
