import type * as tf from '@tensorflow/tfjs-core';
import { callKernel, type WasmBackend } from './wasm-backend.ts';

/** What a matrix product [rows, inner] x [inner, columns] is about; a transposed operand is stored the other way. */
export interface Product {
  rows: number;
  inner: number;
  columns: number;
  transposeA: boolean;
  transposeB: boolean;
}

/** True for float32 with one matrix in it, which is not empty. */
export const isMatrix = ({ shape, dtype }: tf.TensorInfo): boolean =>
  dtype === 'float32' &&
  shape.length >= 2 &&
  shape.slice(0, -2).every((size) => size === 1) &&
  shape.slice(-2).every((size) => size > 0);

/** The product of two matrices, from their last two dimensions. */
export function productOf(a: tf.TensorInfo, b: tf.TensorInfo, transposeA: boolean, transposeB: boolean): Product {
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

export function outputShape(a: tf.TensorInfo, b: tf.TensorInfo, { rows, columns }: Product): number[] {
  const rank = Math.max(a.shape.length, b.shape.length);
  return [...Array.from({ length: rank - 2 }, () => 1), rows, columns];
}

/** The transposed matrix, as a new tensor. */
export function transpose(backend: WasmBackend, matrix: tf.TensorInfo): tf.TensorInfo {
  const x = { ...matrix, shape: matrix.shape.slice(-2) };
  return callKernel(backend, 'Transpose', { x }, { perm: [1, 0] });
}
