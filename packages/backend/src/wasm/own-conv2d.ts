import type * as tf from '@tensorflow/tfjs-core';
import { cutAxis, padAxis, wholeVectors } from './channels.ts';
import { addressOf, makeRoom, makeZeros, withScratch, withTemporaries } from './memory.ts';
import { overWindows } from './over-windows.ts';
import type { OwnKernels } from './own-kernels.ts';
import { multiply } from './own-mat-mul.ts';
import type { WasmBackend } from './wasm-backend.ts';
import { positionsOf, WINDOW, type Windows } from './windows.ts';

/**
 * Why: TF.js' WebAssembly backend has no gradient for the filter of a convolution, computes the one for its input in a
 * naive loop (1 GFLOP/s where a product has 35), and packs the filter anew whenever it is a new tensor, as after each
 * step.
 *
 * What: each window is a row of a matrix of patches, and all three are products of matrices: patches x filter, patches'
 * x dy, and dy x filter' whose rows are added to the windows. A piece of that matrix at a time, so that it stays in the
 * cache; of windows of one pixel the image itself is the matrix.
 */

// A piece of the patches: a block of rows in mat-mul.wat, or more of short ones, 128 KB.
const PIECE_ROWS = 128;
const PIECE_VALUES = 32768;

/** True if the patches are the image. */
const isPointwise = ({ filterHeight, filterWidth, strideHeight, strideWidth, padInfo }: Windows): boolean =>
  Math.max(filterHeight, filterWidth, strideHeight, strideWidth) === 1 &&
  Math.max(padInfo.top, padInfo.bottom, padInfo.left, padInfo.right) === 0;

/** Runs with about equal pieces of all positions, and room for their patches. */
function inPieces(
  backend: WasmBackend,
  positions: number,
  patch: number,
  run: (first: number, last: number, patches: number) => void,
): void {
  const count = Math.ceil(positions / Math.max(PIECE_ROWS, Math.floor(PIECE_VALUES / patch)));
  const start = (i: number): number => Math.floor((i * positions) / count);
  const most = Math.ceil(positions / count);
  withScratch(backend, [most * patch + 4], ([patches]) => {
    for (let i = 0; i < count; i++) run(start(i), start(i + 1), patches!);
  });
}

/** Values in a window. */
export const patchOf = ({ filterHeight, filterWidth, inChannels }: Windows): number =>
  filterHeight * filterWidth * inChannels;

/** `patches x filter (+ bias)` */
export function convolve(
  backend: WasmBackend,
  kernels: OwnKernels,
  info: Windows,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  bias?: tf.TensorInfo,
): tf.TensorInfo {
  const output = makeRoom(backend, info.outShape);
  const [xAt, b, c] = [x, filter, output].map((each) => addressOf(backend, each)) as [number, number, number];
  const [rows, inner, columns] = [positionsOf(info), patchOf(info), info.outChannels];
  const common = { inner, columns, b, bias: bias ? addressOf(backend, bias) : 0 };
  if (isPointwise(info)) {
    multiply(backend, kernels, [{ ...common, rows, a: xAt, c }]);
    return output;
  }
  inPieces(backend, rows, inner, (first, last, a) => {
    const { inChannels: channels } = info;
    overWindows(backend, info, { what: WINDOW.toPatches, x: xAt, y: a, channels, first, last, yStep: inner });
    multiply(backend, kernels, [{ ...common, rows: last - first, a, c: c + 4 * first * columns }]);
  });
  return output;
}

/** `patches' x dy` */
export function filterGradient(
  backend: WasmBackend,
  kernels: OwnKernels,
  info: Windows,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
): tf.TensorInfo {
  const output = makeRoom(backend, [...info.filterShape]);
  const [xAt, dyAt, c] = [x, dy, output].map((each) => addressOf(backend, each)) as [number, number, number];
  const [inner, rows, columns] = [positionsOf(info), patchOf(info), info.outChannels];
  const common = { rows, columns, c, transposeA: true };
  if (isPointwise(info)) {
    multiply(backend, kernels, [{ ...common, inner, a: xAt, b: dyAt }]);
    return output;
  }
  inPieces(backend, inner, rows, (first, last, a) => {
    const { inChannels: channels } = info;
    overWindows(backend, info, { what: WINDOW.toPatches, x: xAt, y: a, channels, first, last, yStep: rows });
    multiply(backend, kernels, [{ ...common, inner: last - first, a, b: dyAt + 4 * first * columns, goOn: first > 0 }]);
  });
  return output;
}

/** `dy x filter'`, each row of which is added to its window. */
export function inputGradient(
  backend: WasmBackend,
  kernels: OwnKernels,
  info: Windows,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
): tf.TensorInfo {
  const [rows, inner] = [positionsOf(info), info.outChannels];
  const taps = info.filterHeight * info.filterWidth;
  if (isPointwise(info) && info.inChannels >= 8) {
    const output = makeRoom(backend, info.inShape);
    const [a, b, c] = [dy, filter, output].map((each) => addressOf(backend, each)) as [number, number, number];
    multiply(backend, kernels, [{ rows, inner, columns: info.inChannels, a, b, c, transposeB: true }]);
    return output;
  }
  return withTemporaries(backend, (temporary) => {
    // Whole vectors of channels, and enough columns for a tile.
    const channels = Math.max(wholeVectors(info.inChannels), taps === 1 ? 8 : 4);
    const isPadded = channels !== info.inChannels;
    const weights = isPadded ? temporary(padAxis(backend, filter, 2, channels)) : filter;
    const dx = makeZeros(backend, [...info.inShape.slice(0, 3), channels]);
    const [a, b, x] = [dy, weights, dx].map((each) => addressOf(backend, each)) as [number, number, number];
    const columns = taps * channels;
    inPieces(backend, rows, columns, (first, last, c) => {
      const product = { rows: last - first, inner, columns, a: a + 4 * first * inner, b, c, transposeB: true };
      multiply(backend, kernels, [product]);
      overWindows(backend, info, { what: WINDOW.fromPatches, x, y: c, channels, first, last, yStep: columns });
    });
    return isPadded ? cutAxis(backend, temporary(dx), 3, info.inChannels) : dx;
  });
}
