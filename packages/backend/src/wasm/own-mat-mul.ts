import type * as tf from '@tensorflow/tfjs-core';
import { instantiate } from './instantiate.ts';
import { MAT_MUL_MODULE } from './mat-mul-module.ts';
import { type Product, transpose } from './product.ts';
import type { WasmBackend } from './wasm-backend.ts';

/** A tile of the result, and what the kernel needs beside its operands: as in mat-mul.wat. */
const TILE = { rows: 4, columns: 8 };
const SCRATCH = 64 + 8 * 256;

/**
 * How our kernel takes a product. It reads A either way but B plain only, so with a transposed B it either transposes
 * that first ('direct') or computes `(B A')'` ('swapped'), whichever moves fewer values.
 *
 * @returns undefined for a product smaller than a tile
 */
export function ownWay({ rows, inner, columns, transposeA, transposeB }: Product): 'direct' | 'swapped' | undefined {
  const swap = transposeB && (transposeA ? 0 : rows * inner) + rows * columns < inner * columns;
  const [m, n] = swap ? [columns, rows] : [rows, columns];
  if (m < TILE.rows || n < TILE.columns) return undefined;
  return swap ? 'swapped' : 'direct';
}

/** `a b (+ bias)` as a matrix, for a product that has an `ownWay`. */
export type OwnMatMul = (
  backend: WasmBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  product: Product,
  bias?: tf.TensorInfo,
) => tf.TensorInfo;

/** Our kernel, mat-mul.wat. @returns undefined where `instantiate` does */
export function createOwnMatMul(backend: WasmBackend): OwnMatMul | undefined {
  const exports = instantiate<{ matMul: (...args: number[]) => void }>(MAT_MUL_MODULE, backend.wasm.asm?.memory);
  if (!exports) return undefined;

  /** a [m, k] times b [k, n], where a may be stored as [k, m]. */
  const run = (
    current: WasmBackend,
    a: tf.TensorInfo,
    b: tf.TensorInfo,
    [m, k, n]: [number, number, number],
    transposeA: boolean,
    bias?: tf.TensorInfo,
  ): tf.TensorInfo => {
    const output = current.makeOutput([m, n], 'float32');
    const scratch = current.makeOutput([SCRATCH], 'float32');
    const address = ({ dataId }: tf.TensorInfo) => current.dataIdMap.get(dataId).memoryOffset;
    const [rowBytes, columnBytes] = transposeA ? [4, 4 * m] : [4 * k, 4];
    const addresses = [address(a), address(b), address(output), bias ? address(bias) : 0, address(scratch)];
    exports.matMul(...addresses, m, n, k, rowBytes, columnBytes);
    current.disposeData(scratch.dataId);
    return output;
  };

  return (current, a, b, product, bias) => {
    const { rows, inner, columns, transposeA, transposeB } = product;
    const scratch: tf.TensorInfo[] = [];
    const transposed = (matrix: tf.TensorInfo): tf.TensorInfo => {
      const result = transpose(current, matrix);
      scratch.push(result);
      return result;
    };
    let result: tf.TensorInfo;
    if (ownWay(product) === 'swapped') {
      const right = transposeA ? a : transposed(a);
      const swapped = run(current, b, right, [columns, inner, rows], false);
      scratch.push(swapped);
      result = transpose(current, swapped);
    } else {
      const right = transposeB ? transposed(b) : b;
      result = run(current, a, right, [rows, inner, columns], transposeA, bias);
    }
    for (const { dataId } of scratch) current.disposeData(dataId);
    return result;
  };
}
