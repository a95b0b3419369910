import { KdError } from '@kd/core';
import type { NamedVariable } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Graph } from '../graph/graph.ts';
import { traceFunction } from '../trace/trace-function.ts';

/** One input of a step: what is in the batch. */
export interface StepArray {
  data: Float32Array | Int32Array;
  shape: readonly number[];
}

/** What a step minimises, and what else it should give. */
export interface StepLoss {
  loss: tf.Scalar;
  outputs?: Readonly<Record<string, tf.Tensor>>;
}

/** Asks for an input that is drawn anew at each step, such as a dropout mask, while the loss is traced. float32. */
export type DrawnInput = (name: string, shape: number[]) => tf.Tensor;

/** Called while it is traced: functional TF.js, with inputs by name. */
export type LossFunction = (inputs: Readonly<Record<string, tf.Tensor>>, drawn: DrawnInput) => StepLoss;

/** Names of a step's results in the graph, the last two before those of outputs and variables. */
export const LOSS = 'loss';
export const OUTPUT = 'output/';
export const GRADIENT = 'gradient/';

export const typeOf = (data: StepArray['data']): 'float32' | 'int32' =>
  data instanceof Float32Array ? 'float32' : 'int32';

/** Traces loss and gradients: once to see what is drawn, and again with that as arguments if there is anything. */
export function traceStep(
  inputs: Readonly<Record<string, StepArray>>,
  trainable: readonly NamedVariable[],
  loss: LossFunction,
): { graph: Graph; drawn: string[] } {
  const names = Object.keys(inputs);
  const given = names.map((name) => ({ shape: inputs[name]!.shape, dtype: typeOf(inputs[name]!.data) }));
  const trace = (drawnInput: (tensors: readonly tf.Tensor[]) => DrawnInput, drawn: readonly number[][] = []): Graph =>
    traceFunction(
      (...tensors) => {
        const byName = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
        return withGradients(trainable, () => loss(byName, drawnInput(tensors.slice(names.length))));
      },
      [...given, ...drawn.map((shape) => ({ shape, dtype: 'float32' as const }))],
    );
  const shapes = new Map<string, number[]>();
  const first = trace(() => (name, shape) => {
    shapes.set(name, shape);
    return tf.ones(shape);
  });
  const drawn = [...shapes.keys()];
  if (drawn.length === 0) return { graph: first, drawn };
  const graph = trace((tensors) => (name) => tensors[drawn.indexOf(name)]!, [...shapes.values()]);
  return { graph, drawn };
}

/** Loss, outputs and gradients by their names in the graph. */
function withGradients(trainable: readonly NamedVariable[], loss: () => StepLoss): Record<string, tf.Tensor> {
  let outputs: Record<string, tf.Tensor> = {};
  const { value, grads } = tf.variableGrads(
    () => {
      const made = loss();
      if (!(made?.loss instanceof tf.Tensor)) {
        throw new KdError('INVALID_ARGUMENT', 'compileStep: the loss must return { loss } with a scalar tensor');
      }
      outputs = Object.fromEntries(
        Object.entries(made.outputs ?? {}).map(([name, tensor]) => [OUTPUT + name, tf.keep(tf.clone(tensor))]),
      );
      return made.loss;
    },
    trainable.map(({ variable }) => variable),
  );
  const gradients = trainable.flatMap(({ name, variable }) => {
    const gradient = grads[variable.name];
    return gradient ? [[GRADIENT + name, gradient] as const] : [];
  });
  return { [LOSS]: value, ...outputs, ...Object.fromEntries(gradients) };
}
