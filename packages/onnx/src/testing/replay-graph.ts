import * as tf from '@tensorflow/tfjs-core';
import { constantData } from '../graph/constants.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { COMPOSED } from './compose-kernels.ts';

/**
 * Runs a graph kernel by kernel on the current TF.js backend, and those that it lacks by compositions.
 *
 * @param values of the inputs that are not variables' own, by name
 * @returns the outputs by name
 */
export function replayGraph(graph: Graph, values: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> {
  return tf.tidy(() => {
    const tensors = new Map<Value, tf.Tensor>();
    for (const { name, value, variable } of graph.inputs) {
      const tensor = values[name] ?? variable;
      if (tensor) tensors.set(value, tensor);
    }
    const tensorOf = (value: Value): tf.Tensor => {
      const known = tensors.get(value);
      if (known) return known;
      const data = value.data && constantData(value);
      if (!data) throw new Error(`replayGraph: nothing has made ${value.dtype} [${value.shape}] of ${value.node?.op}`);
      const tensor = tf.tensor(data, [...value.shape], value.dtype);
      tensors.set(value, tensor);
      return tensor;
    };
    for (const node of graph.nodes) {
      const outputs = runNode(node, tensorOf);
      node.outs.forEach((value, i) => {
        const got = outputs[i]!;
        if (got.shape.join() !== value.shape.join() || got.dtype !== value.dtype) {
          const want = `${value.dtype} [${value.shape}]`;
          throw new Error(`replayGraph: output ${i} of ${node.op} is ${got.dtype} [${got.shape}], traced as ${want}`);
        }
        tensors.set(value, got);
      });
    }
    return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, tf.clone(tensorOf(value))]));
  });
}

function runNode({ op, ins, attrs }: Node, tensorOf: (value: Value) => tf.Tensor): tf.Tensor[] {
  const named = Object.fromEntries(Object.entries(ins).map(([name, value]) => [name, tensorOf(value)]));
  const composed = COMPOSED[op];
  if (composed) return composed(named, attrs);
  const names = Object.keys(named);
  const isList = names.length > 0 && names.every((name, i) => name === String(i));
  const inputs = isList ? Object.values(named) : named;
  const outputs: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(op, inputs as never, attrs as never);
  return Array.isArray(outputs) ? outputs : [outputs];
}
