import type * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from './memory.ts';
import { installKernel } from './wasm-backend.ts';

/**
 * Registers `UnsortedSegmentSum`, which the gradient of `tf.gather` needs, on the WebAssembly backend: row i of x is
 * added to row `segmentIds[i]` of the output. Rows whose number is out of range are dropped, as on the other backends.
 *
 * @returns undoes it
 */
export function installSegmentSum(): () => void {
  return installKernel<Record<'x' | 'segmentIds', tf.TensorInfo>, { numSegments: number }>(
    'UnsortedSegmentSum',
    ({ inputs: { x, segmentIds }, attrs: { numSegments }, backend }) => {
      const inner = x.shape.slice(segmentIds.shape.length);
      const width = sizeOf(inner);
      const output = backend.makeOutput([numSegments, ...inner], x.dtype);
      const [from, ids, to] = [x, segmentIds, output].map((info) => backend.typedArrayFromHeap(info));
      to!.fill(0);
      ids!.forEach((id, i) => {
        if (id < 0 || id >= numSegments) return;
        for (let j = 0; j < width; j++) to![id * width + j]! += from![i * width + j]!;
      });
      return output;
    },
  );
}
