import type * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from './memory.ts';
import { callKernel, type WasmBackend } from './wasm-backend.ts';

/** What a matrix product [rows, inner] x [inner, columns] is about; a transposed operand is stored the other way. */
export interface Product {
  rows: number;
  inner: number;
  columns: number;
  transposeA: boolean;
  transposeB: boolean;
  /** How many products there are, and how many matrices each operand has: as many, or one for all. */
  batch: number;
  batchA: number;
  batchB: number;
  outputShape: number[];
}

/** The products of two tensors of matrices. @returns undefined if they are not float32, none, or pair up otherwise */
export function productOf(
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): Product | undefined {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [outerA, outerB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [batchA, batchB] = [sizeOf(outerA), sizeOf(outerB)];
  if (batchA * batchB === 0) return undefined;
  if (batchA !== 1 && batchB !== 1 && outerA.join() !== outerB.join()) return undefined;
  const product = {
    rows: transposeA ? aColumns : aRows,
    inner: transposeA ? aRows : aColumns,
    columns: transposeB ? bRows : bColumns,
  };
  const outer = batchA > batchB || (batchA === batchB && outerA.length > outerB.length) ? outerA : outerB;
  const rank = Math.max(outerA.length, outerB.length);
  const ones = Array.from({ length: rank - outer.length }, () => 1);
  return {
    ...product,
    transposeA,
    transposeB,
    batch: Math.max(batchA, batchB),
    batchA,
    batchB,
    outputShape: [...ones, ...outer, product.rows, product.columns],
  };
}

/** The transposed matrix, as a new tensor. */
export function transpose(backend: WasmBackend, matrix: tf.TensorInfo): tf.TensorInfo {
  const x = { ...matrix, shape: matrix.shape.slice(-2) };
  return callKernel(backend, 'Transpose', { x }, { perm: [1, 0] });
}
