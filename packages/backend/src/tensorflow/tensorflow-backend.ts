import * as tf from '@tensorflow/tfjs-core';

/** A native tensor, of which JavaScript knows only the number. */
interface NativeTensor {
  id: number;
  shape: number[];
  dtype: number;
}

/** The addon of tfjs-node. Its constants are those of TensorFlow's C API. */
interface Binding {
  readonly TF_FLOAT: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  createTensor(shape: readonly number[], dtype: number, values: tf.TypedArray): number;
  deleteTensor(id: number): void;
  executeOp(name: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number): NativeTensor[];
}

/** What we use of tfjs-node's backend beyond its public types: it runs any operation that TensorFlow has. */
export interface TensorflowBackend extends tf.KernelBackend {
  binding: Binding;
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
  /** The numbers of native tensors, of which those whose values were still in JavaScript are made now. */
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(native: NativeTensor): tf.Tensor;
  getNumOfTFTensors(): number;
}

/** An attribute of an operation, as the addon wants it. */
export interface Attribute {
  name: string;
  type: number;
  value: number | string | boolean | readonly number[];
}

/** float32 for each of the named attributes. */
export function floatTypes({ binding }: TensorflowBackend, ...names: string[]): Attribute[] {
  return names.map((name) => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }));
}

/** Numbers are floats here: none of our operations has an integer. */
export function attributes(
  { binding }: TensorflowBackend,
  values: Readonly<Record<string, number | string | boolean>>,
): Attribute[] {
  const types = { number: binding.TF_ATTR_FLOAT, string: binding.TF_ATTR_STRING, boolean: binding.TF_ATTR_BOOL };
  return Object.entries(values).map(([name, value]) => ({
    name,
    type: types[typeof value as keyof typeof types],
    value,
  }));
}

/** What a kernel is called with, in the types that it has here. */
export interface KernelCall<Inputs, Attributes = object> {
  inputs: Inputs;
  attrs: Attributes;
  backend: TensorflowBackend;
}

/**
 * A kernel whose temporary tensors are disposed. The outputs are tensors already, which the engine takes as they are.
 */
export function kernel<Inputs, Attributes = object>(
  compute: (call: KernelCall<Inputs, Attributes>) => tf.Tensor | tf.Tensor[],
): tf.KernelFunc {
  return (call) => tf.tidy(() => compute(call as unknown as KernelCall<Inputs, Attributes>));
}
