import * as tf from '@tensorflow/tfjs-core';
import type { Graph, GraphInput, GraphOutput, Value } from '../graph/graph.ts';
import { refresh } from '../passes/refresh.ts';
import { BatchNorms, replaceGradient } from './batch-norm.ts';
import { difference } from './compare.ts';
import { traceError } from './errors.ts';
import { holdVariables, letGo } from './hold-variables.ts';
import { BACKEND, registerBackend } from './kernels.ts';
import { RecordingBackend } from './recording-backend.ts';

/** What a traced function gives back. */
export type TraceResult = tf.Tensor | tf.Tensor[] | Record<string, tf.Tensor>;

/** An argument of the function to trace. */
export interface TraceArgument {
  shape: readonly number[];
  dtype: tf.DataType;
  /** Of the graph's input. @default 'argument0', 'argument1', … */
  name?: string;
}

export interface TraceOptions {
  /** Inputs of the graph in any case and in this order, whether the function reads them or not. @default none */
  variables?: readonly tf.Variable[];
}

/**
 * Runs a TF.js function once on a backend that computes nothing, and gives the kernels that it calls as a graph: forward,
 * TF.js' own gradients if the function asks for them, and the new values of variables that it assigns.
 *
 * - Arguments become inputs. Variables that are read become inputs of the kind `state`, those assigned outputs of that kind
 *   as well; the variables themselves, and `tf.memory()`, are as before, even if the function throws.
 * - Other tensors from outside of the function are constants, with the numbers that they have now; above 4 MB they are
 *   refused.
 * - Batch-norm by `tf.moments` and `tf.batchNorm`, as tfjs-layers has it, is recorded as `KdBatchNorm`.
 * - The function is run a second time to see that it does the same again; what differs from run to run (random numbers, a
 *   counter) must be an argument. What it does besides TF.js (a log, a counter in JavaScript) happens at each of the two.
 *
 * @param fn synchronous; takes and gives tensors. Gradients are made inside of it, by `tf.variableGrads`
 * @param args shapes and types of its arguments
 * @returns kernels in an order in which they can run; outputs are called as the function's result calls them, 'result0', …
 *   where it is one tensor or a list, and those of states 'assigned/' and the variable's name; inputs of states 'state/' and
 *   that name
 * @throws {KdError} UNSUPPORTED if the function asks for a value, calls a kernel that cannot be traced, uses a large tensor
 *   from outside, makes variables, or is not the same from run to run; INVALID_ARGUMENT if it gives no tensors
 *
 * @example
 * import { traceFunction } from '@kd/onnx';
 * import * as tf from '@tensorflow/tfjs-core';
 * const scale = tf.variable(tf.scalar(3), true, 'scale');
 * const graph = traceFunction((x) => tf.square(tf.mul(x, scale)), [{ shape: [8, 2], dtype: 'float32' }]);
 * console.log(graph.nodes.map(({ op }) => op)); // [ 'Multiply', 'Square' ]
 * console.log(graph.inputs.map(({ name }) => name)); // [ 'argument0', 'state/scale' ]
 */
export function traceFunction(
  fn: (...args: tf.Tensor[]) => TraceResult,
  args: readonly TraceArgument[],
  { variables = [] }: TraceOptions = {},
): Graph {
  const { state } = tf.engine();
  if (state.gradientDepth > 0 || state.kernelDepth > 0 || tf.getBackend() === BACKEND) {
    throw traceError('UNSUPPORTED', 'called while TF.js computes a gradient or is traced; call it outside of that');
  }
  const graph = traceOnce(fn, args, variables);
  const found = difference(graph, traceOnce(fn, args, variables));
  if (found) {
    throw traceError(
      'UNSUPPORTED',
      `the function is not the same from run to run: ${found}. Whatever changes (random numbers, dropout masks, a step's ` +
        'number) has to be an argument',
      { difference: found },
    );
  }
  return graph;
}

function traceOnce(
  fn: (...args: tf.Tensor[]) => TraceResult,
  args: readonly TraceArgument[],
  variables: readonly tf.Variable[],
): Graph {
  const engine = tf.engine();
  const home = tf.getBackend() as string | undefined;
  const held = holdVariables(variables);
  const backend = new RecordingBackend(held.before);
  const norms = new BatchNorms(backend);
  for (const variable of variables) backend.stateOf(variable);
  const unregister = registerBackend(backend, norms, home);
  const restoreGradient = replaceGradient(norms);
  void tf.setBackend(BACKEND); // at once, as the backend is there already
  try {
    const inputs = args.map(({ shape, dtype, name }, i): GraphInput => {
      const value = backend.own({ shape: [...shape], dtype });
      return { name: name ?? `argument${i}`, kind: 'argument', value };
    });
    let outputs: GraphOutput[] = [];
    engine.startScope('traceFunction');
    try {
      const tensors = inputs.map(({ value }) => engine.makeTensorFromTensorInfo(backend.give(value), backend));
      outputs = resultsOf(fn(...tensors), backend);
      if (backend.violation) throw backend.violation;
      outputs.push(...held.assigned(backend));
    } catch (error) {
      throw backend.violation ?? unknownKernel(error) ?? error;
    } finally {
      engine.endScope();
    }
    for (const [variable, value] of backend.states) {
      inputs.push({ name: `state/${variable.name}`, kind: 'state', value, variable });
    }
    checkNames([...inputs, ...outputs]);
    return refresh({ nodes: backend.nodes, inputs, outputs }, norms.replaced);
  } finally {
    letGo(held, backend);
    restoreGradient();
    unregister();
    if (home) void tf.setBackend(home);
  }
}

function resultsOf(result: TraceResult, backend: RecordingBackend): GraphOutput[] {
  const promise: unknown = result;
  if (promise instanceof Promise) promise.catch(() => {}); // fails after the trace, where nobody waits for it
  if (!result || typeof result !== 'object' || promise instanceof Promise) {
    const got = promise instanceof Promise ? 'a promise: await before and after the function, not inside' : result;
    throw traceError('INVALID_ARGUMENT', `the function must return tensors, got ${got}`);
  }
  const isOne = result instanceof tf.Tensor;
  const isList = isOne || Array.isArray(result);
  const named = isOne ? [['0', result] as const] : Object.entries(result);
  return named.map(([key, tensor]) => {
    if (!(tensor instanceof tf.Tensor)) {
      const got = tensor && typeof tensor === 'object' ? 'an object' : tensor; // to print one may ask for values
      const message = `the function must return a tensor, a list of tensors or an object of tensors, got ${got} at '${key}'`;
      throw traceError('INVALID_ARGUMENT', message);
    }
    const value: Value = backend.valueFor(tensor);
    return { name: isList ? `result${key}` : key, kind: 'result', value };
  });
}

/** A kernel that no backend of this machine has is not known by name beforehand. */
function unknownKernel(error: unknown): Error | undefined {
  const name =
    error instanceof Error && /Kernel '(\w+)' not registered for backend 'kd-trace'/.exec(error.message)?.[1];
  if (!name) return undefined;
  return traceError('UNSUPPORTED', `the kernel ${name} cannot be traced; write it with other operations`, {
    kernel: name,
  });
}

function checkNames(ports: readonly { name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of ports) {
    if (seen.has(name)) {
      throw traceError('INVALID_ARGUMENT', `'${name}' names two inputs or outputs; call one of them otherwise`, {
        name,
      });
    }
    seen.add(name);
  }
}
