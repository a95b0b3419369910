import type { DataType } from '@tensorflow/tfjs-core';
import type { Value } from '../../graph/graph.ts';
import { ELEMENT_TYPES } from '../../onnx-file/onnx-model.ts';
import type { Emitter, Name } from '../lowering.ts';

/** Types that values of a graph have. */
export type ValueType = 'float32' | 'int32' | 'bool';

/** As a TF.js cast: towards zero, and whatever is not 0 is true. Nothing to do gives `x` back. */
export function cast(emitter: Emitter, x: Name, from: DataType, to: DataType): Name {
  return from === to ? x : emitter.op('Cast', [x], { to: ELEMENT_TYPES[to as ValueType] });
}

/** A value in another type. */
export function getAs(emitter: Emitter, value: Value, type: DataType): Name {
  return cast(emitter, emitter.get(value), value.dtype, type);
}

/** A constant number of a type. */
export function numberOf(emitter: Emitter, value: number, type: DataType): Name {
  if (type === 'int32') return emitter.constant(Int32Array.of(value), []);
  if (type === 'bool') return emitter.constant(Uint8Array.of(value === 0 ? 0 : 1), []);
  return emitter.scalar(value);
}

/** The type that a kernel computes in where ONNX has no booleans for it. */
export const numeric = (type: DataType): ValueType => (type === 'float32' ? 'float32' : 'int32');

/** float32 if one of the operands is, else int32. */
export const common = (...values: readonly Value[]): ValueType =>
  values.some(({ dtype }) => dtype === 'float32') ? 'float32' : 'int32';
