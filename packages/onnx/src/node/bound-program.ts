import * as tf from '@tensorflow/tfjs-core';
import type { Graph, GraphInput, GraphOutput } from '../graph/graph.ts';
import type { LoweredPort } from '../lower/lower-graph.ts';
import { arrayFor, type Binding, bind, type PortArray } from './open-session.ts';
import { buildProgram, type ProgramOptions } from './program.ts';
import type { OnnxRuntime } from './runtime.ts';
import type { VariableValues } from './variable-values.ts';

/** A program with the arrays that it reads and writes: they are made once, and a run copies and allocates nothing. */
export interface BoundProgram {
  /** To be filled before a run, in the order of the function's arguments. */
  readonly arguments: readonly PortArray[];
  /** By name, written by a run. */
  readonly results: Readonly<Record<string, PortArray>>;
  /** The variables that the function assigns. */
  readonly assigned: readonly tf.Variable[];
  readonly block: 1 | 8 | 16;
  /** @param accepts asked when the results are there: whether variables get what the function assigns. @default always */
  run(accepts?: () => boolean): Promise<void>;
  /** The results of the last run as tensors of the current backend, in the order of the graph. */
  tensors(): tf.Tensor[];
  release(): Promise<void>;
}

export interface BindOptions extends ProgramOptions {
  /** Where a result is to be written, if there is a place for it already. */
  place?: (result: string) => PortArray | undefined;
}

/** Builds a program and gives it its arrays; variables are those of `values`, up to date as of the last `pull`. */
export async function bindProgram(
  runtime: OnnxRuntime,
  graph: Graph,
  values: VariableValues,
  { place, ...options }: BindOptions,
): Promise<BoundProgram> {
  const program = await buildProgram(runtime, graph, options);
  const feeds: Record<string, Binding> = {};
  const fetches: Record<string, Binding> = {};
  const given: PortArray[] = [];
  const results: Record<string, PortArray> = {};
  const made: { port: LoweredPort; array: PortArray }[] = [];
  const assigned: { variable: tf.Variable; from: PortArray }[] = [];

  const connect = (into: Record<string, Binding>, port: LoweredPort, array: PortArray): PortArray => {
    into[port.name] = bind(runtime, port, array);
    return array;
  };
  graph.inputs.forEach(({ variable }: GraphInput, i) => {
    const port = program.inputs[i]!;
    if (variable) values.read(variable, (array) => connect(feeds, port, array));
    else given.push(connect(feeds, port, arrayFor(port)));
  });
  graph.outputs.forEach(({ name, variable }: GraphOutput, i) => {
    const port = program.outputs[i]!;
    const array = connect(fetches, port, (!variable && place?.(name)) || arrayFor(port));
    // Not into the array that the program reads: ONNX Runtime may write an output before it has read all inputs.
    if (variable) assigned.push({ variable, from: array });
    else {
      results[name] = array;
      made.push({ port, array });
    }
  });

  return {
    arguments: given,
    results,
    assigned: assigned.map(({ variable }) => variable),
    get block() {
      return program.block;
    },
    async run(accepts = () => true) {
      await program.run(feeds, fetches);
      if (!accepts()) return;
      for (const { variable, from } of assigned) values.array(variable).set(from);
      values.changed(assigned.map(({ variable }) => variable));
    },
    tensors: () => made.map(({ port, array }) => tf.tensor(array.slice() as Float32Array, [...port.shape], port.dtype)),
    release: () => program.release(),
  };
}
