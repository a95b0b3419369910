import type { backend_util, DataType } from '@tensorflow/tfjs-core';

/** What is known of a tensor while tracing. */
export interface Shaped {
  shape: readonly number[];
  dtype: DataType;
}

/** The attributes of TF.js' kernels that decide about shapes. */
export interface Attributes {
  axis?: number | number[];
  reductionIndices?: number | number[];
  keepDims?: boolean;
  dim?: number;
  shape?: number[];
  dtype?: DataType;
  perm?: number[];
  reps?: number[];
  begin: number[];
  end: number[];
  size: number | number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
  paddings: [number, number][];
  numOrSizeSplits: number | number[];
  batchDims?: number;
  depth: number;
  k: number;
  numSegments: number;
  start: number;
  stop: number;
  step: number;
  num: number;
  blockSize: number;
  blockShape: number[];
  crops: number[][];
  transposeA?: boolean;
  transposeB?: boolean;
  filterSize: number | [number, number];
  pad: backend_util.ExplicitPadding | 'valid' | 'same' | number;
  /** null from layers of tfjs-layers that were given none. */
  dilations?: number | [number, number] | null;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dataFormat?: 'NHWC' | 'NCHW';
  inputShape: number[];
  filterShape: number[];
}

/** Shapes and types of a kernel's outputs from those of its inputs; of a list of inputs the keys are '0', '1', … */
export type Rule = (inputs: Readonly<Record<string, Shaped>>, attrs: Attributes) => Shaped | Shaped[];

/** By kernel name. */
export type RuleTable = Readonly<Record<string, Rule>>;

/** The same rule for many kernels. */
export function forAll(names: string, rule: Rule): Record<string, Rule> {
  return Object.fromEntries(names.split(' ').map((name) => [name, rule]));
}

/** The inputs of a kernel that takes a list. */
export function listOf(inputs: Readonly<Record<string, Shaped>>): Shaped[] {
  return Object.keys(inputs)
    .sort((a, b) => Number(a) - Number(b))
    .map((key) => inputs[key]!);
}
