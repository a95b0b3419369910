import fc from 'fast-check';
import { bools, type Cases, EXTREMES, floats, ints, type KernelCase, number, shapes } from '../kernel-cases.ts';

const { NaN: NOT_A_NUMBER, POSITIVE_INFINITY: INFINITY, NEGATIVE_INFINITY } = Number;

/** A kernel of one float operand. */
export const unary = (
  min: number,
  max: number,
  extra: readonly number[] = EXTREMES,
  attrs: fc.Arbitrary<Record<string, unknown>> = fc.constant({}),
): fc.Arbitrary<KernelCase> =>
  fc
    .tuple(
      shapes().chain((shape) => floats(shape, min, max, extra)),
      attrs,
    )
    .map(([x, chosen]) => ({ ins: { x }, attrs: chosen }));

/** float32 or int32. */
const unaryNumber = (extra: readonly number[] = EXTREMES): fc.Arbitrary<KernelCase> =>
  fc.oneof(
    unary(-9, 9, extra),
    shapes()
      .chain((shape) => ints(shape))
      .map((x) => ({ ins: { x } })),
  );

/** Kernels of one operand. */
export const unaryCases: Cases = {
  Abs: unaryNumber(),
  Neg: unaryNumber(),
  Sign: unaryNumber([INFINITY, NEGATIVE_INFINITY]),
  Square: unaryNumber(),
  Identity: unaryNumber(),
  Floor: unary(-9, 9),
  Ceil: unary(-9, 9),
  Round: unary(-9, 9, [0.5, 1.5, 2.5, -0.5, -1.5, -2.5]),
  Sin: unary(-9, 9, []),
  Cos: unary(-9, 9, []),
  Tan: unary(-1.4, 1.4, []),
  Asin: unary(-1, 1, [2, NOT_A_NUMBER]),
  Acos: unary(-1, 1, [2, NOT_A_NUMBER]),
  Atan: unary(-9, 9),
  Sinh: unary(-5, 5),
  Cosh: unary(-5, 5),
  Tanh: unary(-9, 9),
  Asinh: unary(-9, 9),
  Acosh: unary(1, 9, [0, NOT_A_NUMBER]),
  Atanh: unary(-0.99, 0.99, [1, -1, 2, NOT_A_NUMBER]),
  Erf: unary(-4, 4),
  Exp: unary(-9, 9),
  Expm1: unary(-1e-6, 1e-6, [1e-20, -1e-20]),
  Log: unary(1e-6, 9, [0, -1, INFINITY, NOT_A_NUMBER]),
  Log1p: fc.oneof(unary(-1e-6, 1e-6, []), unary(-0.99, 9, [-1, -2, INFINITY, NOT_A_NUMBER])),
  Sqrt: unary(0, 9, [-1, INFINITY, NOT_A_NUMBER]),
  Rsqrt: unary(1e-3, 9, [0, -1, INFINITY, NOT_A_NUMBER]),
  Reciprocal: unary(0.1, 9, [0, INFINITY, NEGATIVE_INFINITY, NOT_A_NUMBER]),
  IsNan: unary(-9, 9),
  IsInf: unary(-9, 9),
  IsFinite: unary(-9, 9),
  LogicalNot: shapes()
    .chain(bools)
    .map((x) => ({ ins: { x } })),
  ClipByValue: fc
    .tuple(
      fc.oneof(
        shapes().chain(number),
        shapes().chain((shape) => ints(shape)),
      ),
      fc.integer({ min: -3, max: 0 }),
      fc.integer({ min: 0, max: 3 }),
    )
    .map(([x, clipValueMin, clipValueMax]) => ({ ins: { x }, attrs: { clipValueMin, clipValueMax } })),
  Cast: fc
    .tuple(
      shapes().chain((shape) => fc.oneof(floats(shape, -9, 9), ints(shape), bools(shape))),
      fc.constantFrom('float32', 'int32', 'bool'),
    )
    .map(([x, dtype]) => ({ ins: { x }, attrs: { dtype } })),
};
