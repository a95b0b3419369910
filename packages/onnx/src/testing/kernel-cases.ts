import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

/** A tensor to be. */
export interface TensorSpec {
  shape: readonly number[];
  dtype: 'float32' | 'int32' | 'bool';
  values: readonly number[];
}

/** A call of a kernel; a new one for each run, so that fast-check can shrink it. */
export interface KernelCase {
  ins: Readonly<Record<string, TensorSpec>>;
  attrs?: Readonly<Record<string, unknown>>;
  /** Differences are relative to this at least: where ONNX Runtime rounds what nearly cancels. */
  scale?: number;
  /** For kernels that the cpu backend lacks. */
  expected?: (ins: Readonly<Record<string, tf.Tensor>>) => tf.Tensor[];
}

const count = (shape: readonly number[]): number => shape.reduce((product, each) => product * each, 1);

export const shapes = (minLength = 0, maxLength = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 5 }), { minLength, maxLength });

/** Where kernels have their corners. */
const CORNERS = [0, 1, -1, 0.5, -0.5, 6];

/** float32 in a range, with corners that lie in it. */
export function floats(
  shape: readonly number[],
  min = -4,
  max = 4,
  extra: readonly number[] = [],
): fc.Arbitrary<TensorSpec> {
  const corners = [...CORNERS.filter((each) => each >= min && each <= max), ...extra];
  const smooth = fc.integer({ min: 0, max: 1 << 20 }).map((i) => Math.fround(min + ((max - min) * i) / (1 << 20)));
  const value = corners.length > 0 ? fc.oneof({ weight: 4, arbitrary: smooth }, fc.constantFrom(...corners)) : smooth;
  return fc
    .array(value, { minLength: count(shape), maxLength: count(shape) })
    .map((values) => ({ shape, dtype: 'float32', values }));
}

export function ints(shape: readonly number[], min = -9, max = 9): fc.Arbitrary<TensorSpec> {
  return fc
    .array(fc.integer({ min, max }), { minLength: count(shape), maxLength: count(shape) })
    .map((values) => ({ shape, dtype: 'int32', values }));
}

export function bools(shape: readonly number[]): fc.Arbitrary<TensorSpec> {
  return fc
    .array(fc.integer({ min: 0, max: 1 }), { minLength: count(shape), maxLength: count(shape) })
    .map((values) => ({ shape, dtype: 'bool', values }));
}

export const toTensor = ({ shape, dtype, values }: TensorSpec): tf.Tensor =>
  tf.tensor(values as number[], [...shape], dtype);

/** Two shapes that broadcast: sizes of either may be 1, leading ones may be absent. */
export const broadcasting: fc.Arbitrary<[a: number[], b: number[]]> = shapes().chain((shape) =>
  fc
    .tuple(
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.integer({ min: 0, max: shape.length }),
      fc.boolean(),
    )
    .map(([onesA, onesB, cut, swap]): [number[], number[]] => {
      const a = shape.map((size, i) => (onesA[i] ? 1 : size));
      const b = shape.map((size, i) => (onesB[i] ? 1 : size)).slice(cut);
      return swap ? [b, a] : [a, b];
    }),
);

/** An axis of a rank, counted from either end. */
export const axis = (rank: number): fc.Arbitrary<number> => fc.integer({ min: -rank, max: rank - 1 });

/** By kernel. */
export type Cases = Readonly<Record<string, fc.Arbitrary<KernelCase>>>;

/** Values of a shape. */
export type Draw = (shape: readonly number[]) => fc.Arbitrary<TensorSpec>;

export const EXTREMES: readonly number[] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];

/** float32 with infinities and NaN. */
export const number: Draw = (shape) => floats(shape, -4, 4, EXTREMES);
export const finite: Draw = (shape) => floats(shape);
export const int: Draw = (shape) => ints(shape);
export const anything: Draw = (shape) => fc.oneof(number(shape), ints(shape), bools(shape));
