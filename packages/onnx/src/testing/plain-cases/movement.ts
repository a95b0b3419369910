import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {
  anything,
  axis,
  bools,
  broadcasting,
  type Cases,
  type Draw,
  finite,
  floats,
  int,
  ints,
  type KernelCase,
  shapes,
} from '../kernel-cases.ts';

/** Kernels that move elements or repeat them. */
export const shapeCases: Cases = {
  Reshape: shapes()
    .chain(anything)
    .map((x) => ({ ins: { x }, attrs: { shape: [...x.shape, 1].reverse() } })),
  ExpandDims: shapes(0, 3)
    .chain((shape) => fc.tuple(anything(shape), fc.integer({ min: -shape.length - 1, max: shape.length })))
    .map(([input, dim]) => ({ ins: { input }, attrs: { dim } })),
  Transpose: shapes(1)
    .chain((shape) =>
      fc.tuple(
        anything(shape),
        fc.shuffledSubarray(
          shape.map((_, i) => i),
          { minLength: shape.length },
        ),
      ),
    )
    .map(([x, perm]) => ({ ins: { x }, attrs: { perm } })),
  Tile: shapes(1, 3)
    .chain((shape) =>
      fc.tuple(
        anything(shape),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: shape.length, maxLength: shape.length }),
      ),
    )
    .map(([x, reps]) => ({ ins: { x }, attrs: { reps } })),
  BroadcastTo: broadcasting
    .chain(([a, b]) => fc.tuple(fc.constant(tf.broadcast_util.assertAndGetBroadcastShape(a, b)), anything(b)))
    .map(([shape, x]) => ({
      ins: { x },
      attrs: { shape, inputShape: x.shape },
      expected: ({ x }) => [tf.broadcastTo(x!, shape)],
    })),
  Reverse: shapes(1)
    .chain((shape) => fc.tuple(anything(shape), fc.subarray(shape.map((_, i) => i))))
    .map(([x, dims]) => ({ ins: { x }, attrs: { dims } })),
};

const paddings = (rank: number, most: readonly number[]): fc.Arbitrary<[number, number][]> =>
  fc.tuple(
    ...Array.from({ length: rank }, (_, i) =>
      fc.tuple(fc.integer({ min: 0, max: most[i]! }), fc.integer({ min: 0, max: most[i]! })),
    ),
  ) as unknown as fc.Arbitrary<[number, number][]>;

const alike = (draw: Draw, single: boolean): fc.Arbitrary<KernelCase> =>
  fc
    .tuple(shapes(single ? 0 : 1, 3), fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }))
    .chain(([shape, sizes]) =>
      fc
        .integer({ min: 0, max: single ? shape.length : shape.length - 1 })
        .chain((along) =>
          fc
            .tuple(...sizes.map((size) => draw(single ? shape : shape.map((each, i) => (i === along ? size : each)))))
            .map((parts) => ({ ins: Object.fromEntries(parts.entries()), attrs: { axis: along } })),
        ),
    );

/** Kernels that take tensors apart and put them together. */
export const sliceCases: Cases = {
  Slice: shapes(1)
    .chain((shape) =>
      fc.tuple(anything(shape), fc.tuple(...shape.map((size) => fc.tuple(fc.nat(size - 1), fc.nat(size - 1))))),
    )
    .map(([x, ends]) => ({
      ins: { x },
      attrs: {
        begin: ends.map(([a, b]) => Math.min(a, b)),
        size: ends.map(([a, b]) => Math.abs(a - b) + 1),
      },
    })),
  StridedSlice: shapes(1, 3)
    .chain((shape) =>
      fc.tuple(
        anything(shape),
        fc.tuple(
          ...shape.map((size) =>
            fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.integer({ min: 1, max: 3 }), fc.boolean()),
          ),
        ),
        fc.nat(7),
        fc.nat(7),
        fc.nat(7),
      ),
    )
    .map(([x, ranges, beginMask, endMask, shrinkAxisMask]) => {
      // each range has at least one element, in its own direction
      const at = ranges.map(([a, b, step, isBack]) =>
        isBack
          ? [Math.max(a, b), Math.min(a, b) - 1 - x.shape[0]! * 9, -step]
          : [Math.min(a, b), Math.max(a, b) + 1, step],
      );
      return {
        ins: { x },
        attrs: {
          begin: at.map(([begin]) => begin),
          end: at.map(([, end]) => end),
          strides: at.map(([, , step]) => step),
          beginMask,
          endMask,
          ellipsisMask: 0,
          newAxisMask: 0,
          // with other steps TF.js itself takes the wrong axis
          shrinkAxisMask: at.every(([, , step]) => step === 1) ? shrinkAxisMask : 0,
        },
      };
    }),
  PadV2: shapes(1)
    .chain((shape) =>
      fc.tuple(fc.oneof(floats(shape), ints(shape)), paddings(shape.length, [2, 2, 2, 2]), fc.constantFrom(0, 3)),
    )
    .map(([x, sides, constantValue]) => ({ ins: { x }, attrs: { paddings: sides, constantValue } })),
  MirrorPad: fc.tuple(shapes(1, 4), fc.constantFrom('reflect', 'symmetric')).chain(([shape, mode]) =>
    fc
      .tuple(
        floats(shape),
        paddings(
          shape.length,
          shape.map((size) => (mode === 'reflect' ? size - 1 : size)),
        ),
      )
      .map(([x, sides]) => ({ ins: { x }, attrs: { paddings: sides, mode } })),
  ),
  Concat: fc.oneof(alike(finite, false), alike(int, false), alike(bools, false)),
  Pack: fc.oneof(alike(finite, true), alike(int, true)),
  SplitV: shapes(1)
    .chain((shape) =>
      axis(shape.length).chain((along) =>
        fc.tuple(anything(shape), fc.constant(along), fc.nat(shape.at(along < 0 ? along : along - shape.length)! - 1)),
      ),
    )
    .map(([x, along, first]) => {
      const size = x.shape.at(along)!;
      return { ins: { x }, attrs: { axis: along, numOrSizeSplits: first > 0 ? [first, size - first] : size } };
    }),
  Unpack: shapes(1)
    .chain((shape) => fc.tuple(anything(shape), axis(shape.length)))
    .map(([value, along]) => ({ ins: { value }, attrs: { axis: along } })),
};
