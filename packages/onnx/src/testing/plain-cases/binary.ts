import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {
  bools,
  broadcasting,
  type Cases,
  type Draw,
  floats,
  int,
  ints,
  type KernelCase,
  number,
  shapes,
} from '../kernel-cases.ts';

const binary = (...draws: readonly Draw[]): fc.Arbitrary<KernelCase> =>
  fc.oneof(
    ...draws.map((draw) =>
      broadcasting.chain(([a, b]) => fc.tuple(draw(a), draw(b))).map(([a, b]) => ({ ins: { a, b } })),
    ),
  );

const withoutZero: Draw = (shape) =>
  ints(shape, 1, 9).chain((each) =>
    fc.boolean().map((isBelow) => ({ ...each, values: each.values.map((x) => (isBelow ? -x : x)) })),
  );

const numbers = [number, int];

/** Kernels of several operands, which broadcast. */
export const binaryCases: Cases = {
  Add: binary(...numbers),
  Sub: binary(...numbers),
  Multiply: binary(...numbers),
  Maximum: binary(...numbers),
  Minimum: binary(...numbers),
  SquaredDifference: binary(...numbers),
  RealDiv: binary(number),
  FloorDiv: broadcasting
    .chain(([a, b]) => fc.tuple(ints(a, -99, 99), withoutZero(b)))
    .map(([a, b]) => ({ ins: { a, b } })),
  Mod: fc.oneof(
    broadcasting.chain(([a, b]) => fc.tuple(ints(a, -99, 99), withoutZero(b))).map(([a, b]) => ({ ins: { a, b } })),
    broadcasting.chain(([a, b]) => fc.tuple(floats(a, -9, 9), floats(b, 0.3, 4))).map(([a, b]) => ({ ins: { a, b } })),
    broadcasting
      .chain(([a, b]) => fc.tuple(floats(a, -9, 9), floats(b, -4, -0.3)))
      .map(([a, b]) => ({ ins: { a, b } })),
  ),
  Pow: fc.oneof(
    broadcasting.chain(([a, b]) => fc.tuple(floats(a, 0.1, 4), floats(b, -3, 3))).map(([a, b]) => ({ ins: { a, b } })),
    broadcasting.chain(([a, b]) => fc.tuple(ints(a, -4, 4), ints(b, 0, 3))).map(([a, b]) => ({ ins: { a, b } })),
  ),
  AddN: fc
    .tuple(shapes(), fc.integer({ min: 1, max: 4 }))
    .chain(([shape, terms]) => fc.array(floats(shape), { minLength: terms, maxLength: terms }))
    .map((terms) => ({ ins: Object.fromEntries(terms.entries()) })),
  Greater: binary(...numbers),
  GreaterEqual: binary(...numbers),
  Less: binary(...numbers),
  LessEqual: binary(...numbers),
  Equal: binary(...numbers, bools),
  NotEqual: binary(...numbers, bools),
  LogicalAnd: binary(bools),
  LogicalOr: binary(bools),
  KdEma: shapes()
    .chain((shape) => fc.tuple(floats(shape), floats(shape)))
    .map(([average, value]) => ({
      ins: { average, value },
      attrs: { decay: 0.9 },
      expected: ({ average, value }) => [tf.add(tf.mul(average!, 0.9), tf.mul(value!, 0.1))],
    })),
  Select: fc.oneof(
    shapes()
      .chain((shape) => fc.tuple(bools(shape), number(shape), number(shape)))
      .map(([condition, t, e]): KernelCase => ({ ins: { condition, t, e } })),
    shapes()
      .chain((shape) => fc.tuple(bools(shape), ints(shape), ints(shape)))
      .map(([condition, t, e]): KernelCase => ({ ins: { condition, t, e } })),
    broadcasting
      .chain(([a, b]) => fc.tuple(bools(a), floats(b), floats([])))
      .map(
        ([condition, t, e]): KernelCase => ({
          ins: { condition, t, e },
          expected: ({ condition, t, e }) => [tf.where(condition!, t!, e!)],
        }),
      ),
  ),
};
