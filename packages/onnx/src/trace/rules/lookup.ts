import { backend_util } from '@tensorflow/tfjs-core';
import type { RuleTable } from './rule.ts';

/** Kernels that make tensors of numbers, look elements up, or count them. */
export const LOOKUP: RuleTable = {
  Fill: (_, { shape, dtype }) => ({ shape: shape!, dtype: dtype ?? 'float32' }),
  Range: (_, { start, stop, step, dtype }) => {
    const isEmpty = start === stop || (start < stop && step < 0) || (stop < start && step > 1);
    return { shape: [isEmpty ? 0 : Math.abs(Math.ceil((stop - start) / step))], dtype: dtype! };
  },
  LinSpace: (_, { num }) => ({ shape: [num], dtype: 'float32' }),
  OneHot: ({ indices }, { depth, dtype }) => ({ shape: [...indices!.shape, depth], dtype: dtype! }),
  GatherV2: ({ x, indices }, { axis, batchDims = 0 }) => {
    const info = backend_util.segment_util.collectGatherOpShapeInfo(
      { ...x!, shape: [...x!.shape], dataId: {} },
      { ...indices!, shape: [...indices!.shape], dataId: {} },
      axis as number,
      batchDims,
    );
    return { shape: info.outputShape, dtype: x!.dtype };
  },
  GatherNd: ({ params, indices }) => {
    const depth = indices!.shape.at(-1)!;
    return { shape: [...indices!.shape.slice(0, -1), ...params!.shape.slice(depth)], dtype: params!.dtype };
  },
  ScatterNd: ({ updates }, { shape }) => ({ shape: shape!, dtype: updates!.dtype }),
  TensorScatterUpdate: ({ tensor }) => ({ shape: tensor!.shape, dtype: tensor!.dtype }),
  UnsortedSegmentSum: ({ x }, { numSegments }) => ({ shape: [numSegments, ...x!.shape.slice(1)], dtype: x!.dtype }),
  Bincount: ({ weights }, { size }) => ({ shape: [size as number], dtype: weights!.dtype }),
  DenseBincount: ({ x, weights }, { size }) => ({
    shape: [...x!.shape.slice(0, -1), size as number],
    dtype: weights!.dtype,
  }),
  TopK: ({ x }, { k }) => {
    const shape = [...x!.shape.slice(0, -1), k];
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: 'int32' },
    ];
  },
  Diag: ({ x }) => ({ shape: [...x!.shape, ...x!.shape], dtype: x!.dtype }),
};
