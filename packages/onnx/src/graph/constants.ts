import { type DataType, type TypedArray, util } from '@tensorflow/tfjs-core';
import type { Node, Value } from './graph.ts';

/** Number of elements. */
export const sizeOf = ({ shape }: Pick<Value, 'shape'>): number => shape.reduce((product, size) => product * size, 1);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

const filled = (dtype: DataType, size: number, value: number): TypedArray =>
  (util.getArrayFromDType(dtype, size) as Float32Array).fill(value);

/** The one number that an array has everywhere. */
function repeated(data: TypedArray): number | undefined {
  const first = data[0];
  return data.every((each) => Object.is(each, first)) ? first : undefined;
}

/** The number that a constant has everywhere: a scalar's, or that of a `Fill`. */
export function splatOf({ data, node }: Value): number | undefined {
  if (data) return data.length === 1 ? data[0] : undefined;
  return node?.op === 'Fill' ? (node.attrs.value as number) : undefined;
}

/** A tensor of one number: data if it has one element, else the output of a node `Fill`. */
export function fill(shape: readonly number[], value: number, dtype: DataType): Value {
  if (sizeOf({ shape }) === 1) return { shape, dtype, data: filled(dtype, 1, value) };
  const node: Node = { op: 'Fill', attrs: { shape, value, dtype }, ins: {}, outs: [] };
  node.outs.push({ shape, dtype, node, index: 0 });
  return node.outs[0]!;
}

/** A constant; one that is the same number everywhere becomes a `Fill`, so that the ones of a gradient take no room. */
export function constant(data: TypedArray, shape: readonly number[], dtype: DataType): Value {
  const number = data.length > 1 ? repeated(data) : undefined;
  return number === undefined ? { shape, dtype, data: data.slice() } : fill(shape, number, dtype);
}

/** The numbers of a constant, or undefined. */
export function constantData(value: Value): TypedArray | undefined {
  if (value.data) return value.data;
  const number = splatOf(value);
  if (number === undefined) return undefined;
  return filled(value.dtype, sizeOf(value), number);
}
