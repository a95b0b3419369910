import * as tf from '@tensorflow/tfjs-core';
import { columnTotals, periodOf } from './columns.ts';
import { addressOf, makeRoom, sizeOf, valuesOf } from './memory.ts';
import { ownKernels } from './own-kernels.ts';
import { replaceKernel, undoAll, type WasmBackend } from './wasm-backend.ts';

/**
 * Replaces `Sum` and `Mean` of the WebAssembly backend for sums over the first axes, as in the gradient of every bias:
 * the stock kernels transpose the tensor first, which takes 20 times as long.
 *
 * @returns undoes it
 */
export function repairSums(): () => void {
  return undoAll(
    ['Sum', 'Mean'].map((name) =>
      replaceKernel(name, (original) => (call) => {
        const { x } = call.inputs as unknown as { x: tf.TensorInfo };
        const { axis, keepDims } = call.attrs as unknown as { axis: number | number[]; keepDims?: boolean };
        const backend = call.backend as WasmBackend;
        const kernels = ownKernels(backend);
        const axes = tf.util.parseAxisParam(axis, x.shape);
        const areFirst = axes.every((each) => each < axes.length) && axes.length < x.shape.length;
        const n = sizeOf(x.shape);
        const columns = sizeOf(x.shape.slice(axes.length));
        if (!kernels || x.dtype !== 'float32' || !areFirst || n === 0 || columns === n) return original!(call);

        const output = makeRoom(backend, [...(keepDims ? axes.map(() => 1) : []), ...x.shape.slice(axes.length)]);
        const at = addressOf(backend, x);
        const [totals] = columnTotals(
          backend,
          { n, columns, count: 1 },
          (from, size, [sum]) => kernels.columnSums(at + 4 * from, sum!, size, periodOf(columns)),
          (i) => [valuesOf(backend, x)[i]!],
        );
        const divisor = name === 'Mean' ? n / columns : 1;
        valuesOf(backend, output).set(totals!.map((total) => total / divisor));
        return output;
      }),
    ),
  );
}
