import type { DataType, TypedArray, Variable } from '@tensorflow/tfjs-core';

/** What flows along an edge: one tensor, of which only shape and type are known. It is also the dataId of the traced tensor. */
export interface Value {
  shape: readonly number[];
  dtype: DataType;
  /** There for a constant. One that is the same number everywhere and has several elements is a node `Fill` instead. */
  data?: TypedArray;
  /** The node that makes it, and which of its outputs it is; absent for inputs and constants. */
  node?: Node;
  index?: number;
}

/** One TF.js kernel of the step. */
export interface Node {
  /** TF.js' kernel name, or one of docs/kernels.md. */
  op: string;
  /** As TF.js passes them. */
  attrs: Readonly<Record<string, unknown>>;
  /** By TF.js' input names; those of a list (`Concat`, `Pack`) are '0', '1', … */
  ins: Record<string, Value>;
  outs: Value[];
  /** Of convolutions and pools: everything explicit, paddings too. Made by `optimizeGraph`. */
  geometry?: Geometry;
}

/** Of a convolution or pool: [height, width] each, `pads` as ONNX has them: [top, left, bottom, right]. */
export interface Geometry {
  kernel: readonly [number, number];
  strides: readonly [number, number];
  dilations: readonly [number, number];
  pads: readonly [number, number, number, number];
}

/** `argument`: passed to the function at each run. `state`: a variable's value. */
export interface GraphInput {
  name: string;
  kind: 'argument' | 'state';
  value: Value;
  variable?: Variable;
}

/** `result`: returned by the function. `state`: a variable's new value. */
export interface GraphOutput {
  name: string;
  kind: 'result' | 'state';
  value: Value;
  variable?: Variable;
}

/** A traced function: its kernels in an order in which they can run. */
export interface Graph {
  nodes: Node[];
  inputs: GraphInput[];
  outputs: GraphOutput[];
}
