import * as tf from '@tensorflow/tfjs-core';

/** The part of a `tf.LayersModel` that the check uses; this package does not depend on tfjs-layers. */
export interface CheckableModel {
  readonly inputs: readonly { readonly shape: readonly (number | null)[]; readonly dtype: tf.DataType }[];
  readonly weights: readonly { readonly trainable: boolean }[];
  // biome-ignore lint/suspicious/noExplicitAny: symbolic tensors have types of tfjs-layers
  apply(inputs: any, kwargs: { training: boolean }): unknown;
}

export interface KernelCheck {
  /** The current backend, on which it was tried. */
  backend: string;
  /** Names of kernels that it lacks; none if the model can be trained. */
  missing: readonly string[];
  /** What to do about it; absent if nothing is missing. */
  advice?: string;
}

/** The free sizes of an input, but for the first: large enough for the strides of any network for images. */
const FREE_SIZE = 64;

function makeInput({ shape, dtype }: CheckableModel['inputs'][number]): tf.Tensor {
  // Two samples: the variance of one is no test of batch-norm.
  return tf.zeros(
    shape.map((size, i) => size ?? (i === 0 ? 2 : FREE_SIZE)),
    dtype,
  );
}

/** Zeros in the shape that a kernel's output would have, as far as its inputs and attributes tell. */
const standIn: tf.KernelFunc = ({ inputs, attrs = {} }) => {
  const { filterShape, inputShape, numSegments } = attrs as Record<string, number | number[] | undefined>;
  const [first, second] = Object.values(inputs) as [tf.TensorInfo, tf.TensorInfo | undefined];
  const segments = numSegments === undefined ? undefined : [numSegments, ...first.shape.slice(second!.shape.length)];
  return tf.zeros((filterShape ?? inputShape ?? segments ?? first.shape) as number[]);
};

function trainOnce(model: CheckableModel): void {
  const variables = model.weights.filter(({ trainable }) => trainable).map(variableOf);
  tf.tidy(() => {
    const inputs = model.inputs.map(makeInput);
    const forward = (): tf.Scalar => {
      const output = model.apply(inputs.length === 1 ? inputs[0] : inputs, { training: true });
      return tf.addN([output as tf.Tensor | tf.Tensor[]].flat().map((each) => tf.sum(each))) as tf.Scalar;
    };
    if (variables.length > 0) tf.variableGrads(forward, variables);
    else forward();
  });
}

// `val` is protected in TF.js' types.
const variableOf = (weight: object): tf.Variable => (weight as { val: tf.Variable }).val;

/** Registers a stand-in for each kernel that is asked for in vain while `run` does. @returns their names */
function collectMissing(backendName: string, run: () => void): string[] {
  const engine = tf.engine();
  const missing: string[] = [];
  const { runKernel } = engine;
  engine.runKernel = (kernelName, inputs, attrs) => {
    if (!tf.getKernel(kernelName, backendName)) {
      missing.push(kernelName);
      tf.registerKernel({ kernelName, backendName, kernelFunc: standIn });
    }
    return runKernel.call(engine, kernelName, inputs, attrs) as never;
  };
  try {
    run();
  } catch (error) {
    // A stand-in whose shape is wrong ends the search: what was found until then is missing all the same.
    if (missing.length === 0) throw error;
  } finally {
    engine.runKernel = runKernel;
    for (const name of missing) tf.unregisterKernel(name, backendName);
  }
  return missing;
}

/**
 * Lists the kernels that the current backend lacks for training a model, before a run finds out one by one.
 *
 * Makes the forward and the backward pass of two samples of zeros, with a stand-in for each kernel that turns out to be
 * missing. No weight is changed.
 *
 * @param model a `tf.LayersModel`; sizes of its inputs that are free are taken as 64
 * @throws what the model throws for another reason than a missing kernel
 *
 * @example
 * import { checkKernels } from '@kd/backend';
 * import * as tf from '@tensorflow/tfjs';
 * await tf.setBackend('cpu');
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
 * console.log(checkKernels(model)); // { backend: 'cpu', missing: [] }
 */
export function checkKernels(model: CheckableModel): KernelCheck {
  const backend = tf.getBackend();
  const variables = model.weights.map(variableOf);
  const values = variables.map((variable) => tf.clone(variable));
  try {
    const missing = collectMissing(backend, () => trainOnce(model));
    return missing.length === 0 ? { backend, missing } : { backend, missing, advice: adviceFor(backend, missing) };
  } finally {
    // Training moves running statistics.
    variables.forEach((variable, i) => {
      variable.assign(values[i]!);
    });
    tf.dispose(values);
  }
}

function adviceFor(backend: string, missing: readonly string[]): string {
  const ways = [
    ...(backend === 'wasm' ? ["call completeWasm() of '@kd/backend', which registers what training needs"] : []),
    "use the operations of '@kd/ops', which do without",
    "take another backend: selectBackend() of '@kd/backend/node' says which there are",
  ];
  return `TF.js' backend '${backend}' has no ${missing.join(', ')}: ${ways.join(', or ')}`;
}
