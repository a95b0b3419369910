import type { Attribute, Name } from '../lower/lowering.ts';

/** Element types that occur in our graphs, with ONNX' numbers (`TensorProto.DataType`). */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;

export type ElementType = keyof typeof ELEMENT_TYPES;

/** What a constant's values come in; bytes are booleans, of which TF.js has many, unless said otherwise. */
export type ConstantData = Float32Array | Int32Array | BigInt64Array | Uint8Array;

export interface OnnxNode {
  op: string;
  /** '' is ONNX' own. */
  domain: string;
  ins: readonly Name[];
  outs: readonly Name[];
  attributes: Readonly<Record<string, Attribute>>;
  /** For profiles and messages. */
  label: string;
}

export interface OnnxConstant {
  name: Name;
  shape: readonly number[];
  data: ConstantData;
}

/** An input or output; a size that is a word is any size, the same wherever the word stands. */
export interface OnnxPort {
  name: Name;
  shape: readonly (number | string)[];
  type: ElementType;
  /** A sequence of such tensors. @default false */
  isSequence?: boolean;
}

export interface OnnxModel {
  nodes: readonly OnnxNode[];
  constants: readonly OnnxConstant[];
  inputs: readonly OnnxPort[];
  outputs: readonly OnnxPort[];
}

export function elementType(data: ConstantData): ElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array) return 'int32';
  return data instanceof BigInt64Array ? 'int64' : 'bool';
}
