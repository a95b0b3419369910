import type * as tf from '@tensorflow/tfjs-core';
import { columnTotals, periodOf, writeRow } from './columns.ts';
import { addressOf, makeRoom, sizeOf, valuesOf, withScratch } from './memory.ts';
import { ownKernels } from './own-kernels.ts';
import { installKernel, undoAll, type WasmBackend } from './wasm-backend.ts';

function rowOf(backend: WasmBackend, values: Float64Array): tf.TensorInfo {
  const row = makeRoom(backend, [values.length]);
  valuesOf(backend, row).set(values);
  return row;
}

/** The values of a row of parameters, to compute with in doubles. */
const read = (backend: WasmBackend, row: tf.TensorInfo): Float64Array => Float64Array.from(valuesOf(backend, row));

/**
 * Registers `KdBatchNorm` and `KdBatchNormGrad` on the WebAssembly backend: two passes over the tensor each, where the
 * compositions make six and more. Saved are mean and 1 / sqrt(variance + epsilon).
 *
 * @returns undoes it
 */
export function installBatchNorm(): () => void {
  const forward = installKernel<Record<'x' | 'gamma' | 'beta', tf.TensorInfo>, { epsilon: number }>(
    'KdBatchNorm',
    ({ inputs: { x, gamma, beta }, attrs: { epsilon }, backend }) => {
      const kernels = ownKernels(backend)!;
      const [n, columns] = [sizeOf(x.shape), x.shape.at(-1)!];
      const [rows, period] = [n / columns, periodOf(columns)];
      const y = makeRoom(backend, x.shape);
      const [from, to] = [addressOf(backend, x), addressOf(backend, y)];
      return withScratch(backend, [period, period, period], ([meanRow, scaleRow, shiftRow]) => {
        // Moments about the first row: about 0 they would lose their digits if the mean is large.
        const first = Float64Array.from(valuesOf(backend, x).subarray(0, columns));
        writeRow(backend, meanRow!, first, period);
        const [sums, squares] = columnTotals(
          backend,
          { n, columns, count: 2 },
          (at, size, [sum, square]) => kernels.columnMoments(from + 4 * at, meanRow!, sum!, square!, size, period),
          (i) => {
            const d = valuesOf(backend, x)[i]! - first[i % columns]!;
            return [d, d * d];
          },
        ) as [Float64Array, Float64Array];
        const mean = sums.map((sum, i) => first[i]! + sum / rows);
        const variance = squares.map((square, i) => Math.max(0, square / rows - (sums[i]! / rows) ** 2));
        const inverse = variance.map((each) => 1 / Math.sqrt(each + epsilon));
        const scale = read(backend, gamma).map((each, i) => each * inverse[i]!);
        [mean, scale, read(backend, beta)].forEach((values, i) => {
          writeRow(backend, [meanRow!, scaleRow!, shiftRow!][i]!, values, period);
        });
        kernels.normalize(from, meanRow!, scaleRow!, shiftRow!, to, n, period);
        return [y, ...[mean, variance, mean, inverse].map((values) => rowOf(backend, values))];
      });
    },
  );
  const backward = installKernel<Record<'dy' | 'x' | 'gamma' | 'saved0' | 'saved1', tf.TensorInfo>, object>(
    'KdBatchNormGrad',
    ({ inputs: { dy, x, gamma, saved0, saved1 }, backend }) => {
      const kernels = ownKernels(backend)!;
      const [n, columns] = [sizeOf(x.shape), x.shape.at(-1)!];
      const [rows, period] = [n / columns, periodOf(columns)];
      const dx = makeRoom(backend, x.shape);
      const [dyAt, xAt, dxAt] = [dy, x, dx].map((each) => addressOf(backend, each)) as [number, number, number];
      const [mean, inverse] = [read(backend, saved0), read(backend, saved1)];
      return withScratch(backend, [period, period, period, period], ([meanRow, scaleRow, slopeRow, shiftRow]) => {
        writeRow(backend, meanRow!, mean, period);
        const [dBeta, products] = columnTotals(
          backend,
          { n, columns, count: 2 },
          (at, size, [sum, product]) =>
            kernels.columnProducts(dyAt + 4 * at, xAt + 4 * at, meanRow!, sum!, product!, size, period),
          (i) => {
            const [d, value] = [valuesOf(backend, dy)[i]!, valuesOf(backend, x)[i]!];
            return [d, d * (value - mean[i % columns]!)];
          },
        ) as [Float64Array, Float64Array];
        const dGamma = products.map((product, i) => product * inverse[i]!);
        // dx = gamma inverse (dy - dBeta / rows - (x - mean) inverse dGamma / rows)
        const scale = read(backend, gamma).map((each, i) => each * inverse[i]!);
        const slope = scale.map((each, i) => (-each * inverse[i]! * dGamma[i]!) / rows);
        const shift = scale.map((each, i) => (-each * dBeta[i]!) / rows);
        [scale, slope, shift].forEach((values, i) => {
          writeRow(backend, [scaleRow!, slopeRow!, shiftRow!][i]!, values, period);
        });
        kernels.normalizeGradient(dyAt, xAt, meanRow!, scaleRow!, slopeRow!, shiftRow!, dxAt, n, period);
        return [dx, rowOf(backend, dGamma), rowOf(backend, dBeta)];
      });
    },
  );
  return undoAll([forward, backward]);
}
