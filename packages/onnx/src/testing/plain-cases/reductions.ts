import fc from 'fast-check';
import {
  axis,
  bools,
  type Cases,
  type Draw,
  finite,
  floats,
  int,
  ints,
  type KernelCase,
  shapes,
} from '../kernel-cases.ts';

/** A reduction over some axes, or all; `named` is the attribute that has them. */
const reduced = (named: string, draw: Draw): fc.Arbitrary<KernelCase> =>
  shapes(1)
    .chain((shape) => fc.tuple(draw(shape), fc.subarray(shape.map((_, i) => i)), fc.boolean(), fc.boolean()))
    .map(([x, axes, keepDims, fromEnd]) => ({
      ins: { x },
      attrs: { [named]: axes.map((each) => (fromEnd ? each - x.shape.length : each)), keepDims },
    }));

const alongOne = (draw: Draw): fc.Arbitrary<KernelCase> =>
  shapes(1)
    .chain((shape) => fc.tuple(draw(shape), axis(shape.length)))
    .map(([x, along]) => ({ ins: { x }, attrs: { axis: along } }));

/** The terms may cancel. */
const cancelling = (each: KernelCase): KernelCase => ({ ...each, scale: 1 });

/** Kernels that reduce axes. */
export const reductionCases: Cases = {
  Sum: fc.oneof(reduced('axis', finite), reduced('axis', int)).map(cancelling),
  Mean: fc.oneof(reduced('axis', finite), reduced('axis', int)).map(cancelling),
  Max: fc.oneof(reduced('reductionIndices', finite), reduced('reductionIndices', int)),
  Min: fc.oneof(reduced('axis', finite), reduced('axis', int)),
  Prod: fc.oneof(
    reduced('axis', finite),
    reduced('axis', (shape) => ints(shape, -2, 2)),
  ),
  All: reduced('axis', bools),
  Any: reduced('axis', bools),
  ArgMax: fc.oneof(alongOne(finite), alongOne(int)),
  ArgMin: fc.oneof(alongOne(finite), alongOne(int)),
  Cumsum: shapes(1)
    .chain((shape) => fc.tuple(fc.oneof(floats(shape), ints(shape)), fc.boolean(), fc.boolean()))
    .map(([x, exclusive, reverse]) => ({ ins: { x }, attrs: { axis: x.shape.length - 1, exclusive, reverse } })),
};
