import fc from 'fast-check';
import { anything, type Cases, floats, ints, shapes } from '../kernel-cases.ts';

/** Kernels that pick or place by index. */
export const lookupCases: Cases = {
  GatherV2: fc.tuple(shapes(1, 4), shapes(0, 2)).chain(([shape, indices]) =>
    fc.tuple(fc.nat(shape.length - 1), fc.boolean()).chain(([along, hasBatch]) => {
      const batchDims = hasBatch && along > 0 ? 1 : 0;
      const at = batchDims ? [shape[0]!, ...indices] : indices;
      return fc
        .tuple(fc.oneof(floats(shape), ints(shape)), ints(at, 0, shape[along]! - 1))
        .map(([x, picked]) => ({ ins: { x, indices: picked }, attrs: { axis: along, batchDims } }));
    }),
  ),
  GatherNd: shapes(1, 4).chain((shape) =>
    fc
      .tuple(floats(shape), fc.integer({ min: 1, max: shape.length }), fc.integer({ min: 1, max: 4 }))
      .chain(([params, depth, rows]) =>
        ints([rows, depth], 0, Math.min(...shape) - 1).map((indices) => ({ ins: { params, indices } })),
      ),
  ),
  UnsortedSegmentSum: shapes(1, 3)
    .chain((shape) =>
      fc.tuple(fc.oneof(floats(shape), ints(shape)), ints(shape.slice(0, 1), -1, 5), fc.integer({ min: 1, max: 5 })),
    )
    .map(([x, segmentIds, numSegments]) => ({ ins: { x, segmentIds }, attrs: { numSegments } })),
  DenseBincount: fc
    .tuple(shapes(1, 2), fc.boolean(), fc.integer({ min: 1, max: 5 }))
    .chain(([shape, isWeighed, size]) =>
      fc
        .tuple(ints(shape, 0, 6), isWeighed ? floats(shape) : floats([0]))
        .map(([x, weights]) => ({ ins: { x, weights }, attrs: { size, binaryOutput: false } })),
    ),
  ScatterNd: shapes(1, 3).chain((shape) =>
    fc
      .tuple(fc.integer({ min: 1, max: shape.length }), fc.integer({ min: 1, max: 5 }))
      .chain(([depth, rows]) =>
        fc
          .tuple(ints([rows, depth], 0, Math.min(...shape) - 1), floats([rows, ...shape.slice(depth)]))
          .map(([indices, updates]) => ({ ins: { indices, updates }, attrs: { shape } })),
      ),
  ),
  OneHot: fc
    .tuple(
      shapes(0, 3).chain((shape) => ints(shape, -2, 6)),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom([1, 0], [0.9, 0.1], [3, -1]),
      fc.constantFrom('float32', 'int32'),
    )
    .filter(([, , [on], dtype]) => dtype === 'float32' || Number.isInteger(on))
    .map(([indices, depth, [onValue, offValue], dtype]) => ({
      ins: { indices },
      attrs: { depth, onValue, offValue, dtype },
    })),
  TopK: shapes(1)
    .chain((shape) => fc.tuple(floats(shape), fc.integer({ min: 1, max: shape.at(-1)! })))
    .map(([x, k]) => ({ ins: { x }, attrs: { k, sorted: true } })),
};

/** Kernels that make tensors of a shape. */
export const creationCases: Cases = {
  Fill: fc
    .tuple(shapes(), fc.constantFrom('float32', 'int32', 'bool'))
    .map(([shape, dtype]) => ({ ins: {}, attrs: { shape, value: 1, dtype } })),
  ZerosLike: shapes()
    .chain(anything)
    .map((x) => ({ ins: { x } })),
  OnesLike: shapes()
    .chain(anything)
    .map((x) => ({ ins: { x } })),
  Range: fc.constantFrom(
    { ins: {}, attrs: { start: 0, stop: 5, step: 1, dtype: 'int32' } },
    { ins: {}, attrs: { start: 3, stop: -1, step: -0.5, dtype: 'float32' } },
  ),
  LinSpace: fc.constantFrom(
    { ins: {}, attrs: { start: -1, stop: 2, num: 7 } },
    { ins: {}, attrs: { start: 3, stop: 9, num: 1 } },
  ),
};
