import * as tf from '@tensorflow/tfjs-core';
import { constant, constantData, fill, sizeOf, splatOf } from '../graph/constants.ts';
import type { Node, Value } from '../graph/graph.ts';
import { ELEMENTWISE } from './rules/elementwise.ts';
import { MOVEMENT } from './rules/movement.ts';
import { REDUCTIONS } from './rules/reductions.ts';

/** Elements of a constant above which a kernel is left to ONNX Runtime. */
const LARGEST = 65_536;

/** Kernels that leave a constant that is the same everywhere what it is. */
const MOVES = new Set(Object.keys(MOVEMENT).filter((op) => !/Pad|SpaceToBatch/.test(op)));

/** Those of gradients, for programs that do not load TF.js' cpu backend. */
const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
};

type Inputs = Readonly<Record<string, Value>>;

/** Runs a kernel of TF.js' cpu backend, if that is loaded, beside the engine, which is busy tracing. */
function evaluate(op: string, ins: Inputs, attrs: object): tf.TypedArray | undefined {
  const backend = tf.findBackend('cpu');
  const kernel = backend && tf.getKernel(op, 'cpu');
  if (!kernel) return undefined;
  const upload = (value: Value): tf.TensorInfo => {
    const shape = [...value.shape];
    return { shape, dtype: value.dtype, dataId: backend.write(constantData(value)!, shape, value.dtype) };
  };
  const entries = Object.entries(ins).map(([name, value]) => [name, upload(value)] as const);
  const isList = entries.every(([name], i) => name === String(i));
  const inputs = isList ? entries.map(([, info]) => info) : Object.fromEntries(entries);
  const result = kernel.kernelFunc({ inputs: inputs as tf.NamedTensorInfoMap, attrs: { ...attrs }, backend });
  const { dataId } = result as tf.TensorInfo;
  const data = (backend.readSync(dataId) as tf.TypedArray).slice();
  for (const each of [dataId, ...entries.map(([, info]) => info.dataId)]) backend.disposeData(each);
  return data;
}

/** The number of an elementwise kernel of tensors that are one number everywhere. */
function evaluateNumber({ op, attrs, ins, outs }: Node): number | undefined {
  const numbers = Object.values(ins).map((value) => splatOf(value)!);
  const arithmetic = outs[0]!.dtype === 'float32' ? ARITHMETIC[op] : undefined;
  if (arithmetic) return Math.fround(arithmetic(numbers[0]!, numbers[1]!));
  const scalars = Object.entries(ins).map(([name, { dtype }], i) => [name, fill([], numbers[i]!, dtype)] as const);
  return evaluate(op, Object.fromEntries(scalars), attrs)?.[0];
}

/**
 * The output of a kernel whose inputs are all constants: a `Fill` if they are all one number everywhere, data if they are
 * small and TF.js' cpu backend is there. Else undefined.
 */
export function foldKernel(node: Node): Value | undefined {
  const { op, attrs, ins, outs } = node;
  const inputs = Object.values(ins);
  const splats = inputs.map(splatOf);
  if (outs.length !== 1 || inputs.length === 0) return undefined;
  if (!inputs.every((value, i) => value.data ?? splats[i] !== undefined)) return undefined;
  const { shape, dtype } = outs[0]!;
  const isUniform = splats.every((splat) => splat !== undefined);
  if (isUniform && MOVES.has(op) && new Set(splats).size === 1) return fill(shape, splats[0]!, dtype);
  if (isUniform && op in ELEMENTWISE) {
    const number = evaluateNumber(node);
    return number === undefined ? undefined : fill(shape, number, dtype);
  }
  if (!(op in ELEMENTWISE || op in MOVEMENT || op in REDUCTIONS)) return undefined;
  if ([outs[0]!, ...inputs].some((value) => sizeOf(value) > LARGEST)) return undefined;
  const data = evaluate(op, ins, attrs);
  return data && constant(data, shape, dtype);
}
