import { KdError } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';
import { traceFunction } from '../trace/trace-function.ts';
import { type BoundProgram, bindProgram } from './bound-program.ts';
import { inTurn } from './in-turn.ts';
import type { ProgramOptions } from './program.ts';
import { type LoadRuntimeOptions, loadOnnxRuntime } from './runtime.ts';
import { createVariableValues } from './variable-values.ts';

/** What a function may give back to be compiled. */
export type CompilableResult = tf.Tensor | tf.Tensor[] | { [name: string]: tf.Tensor };

export interface CompileOptions extends ProgramOptions, LoadRuntimeOptions {}

/** A compiled function: called as the original one, but it answers later. */
export interface Compiled<Arguments extends tf.Tensor[], Result extends CompilableResult> {
  (...args: Arguments): Promise<Result>;
  /** Gives back the memory of its sessions. */
  release(): Promise<void>;
}

interface Specialized {
  program: BoundProgram;
  /** Puts the results into the form in which the function gives them. */
  assemble(tensors: readonly tf.Tensor[]): CompilableResult;
}

/**
 * Compiles a TF.js function: traced once for each combination of shapes and types of its arguments, lowered to one ONNX
 * graph, run by ONNX Runtime. Gradients are part of it if it takes them itself (`tf.variableGrads`).
 *
 * Variables that the function reads have the values that they have at the call; those that it assigns are assigned at its
 * end. Everything else that is not an argument is a constant of the graph.
 *
 * @param fn functional TF.js: no values asked for (`dataSync`), no branching on data, no random numbers
 * @throws {KdError} UNSUPPORTED from a call, if the function cannot be traced or a kernel has no lowering; NOT_FOUND,
 *   UNAVAILABLE or UNSUPPORTED if onnxruntime-node does not load (see `loadOnnxRuntime`); INVALID_ARGUMENT for arguments or
 *   results that are no tensors
 *
 * @example
 * import { compile } from '@kd/onnx/node';
 * import * as tf from '@tensorflow/tfjs-core';
 * const weights = tf.variable(tf.tensor2d([[1, 2], [3, 4]]));
 * const product = compile((x: tf.Tensor2D) => tf.relu(tf.matMul(x, weights)));
 * console.log((await product(tf.tensor2d([[1, -1]]))).dataSync().join()); // 0,0
 * weights.assign(tf.tensor2d([[5, 2], [3, 1]]));
 * console.log((await product(tf.tensor2d([[1, -1]]))).dataSync().join()); // 2,1
 * await product.release();
 */
export function compile<Arguments extends tf.Tensor[], Result extends CompilableResult>(
  fn: (...args: Arguments) => Result,
  options: CompileOptions = {},
): Compiled<Arguments, Result> {
  const values = createVariableValues();
  const turn = inTurn();
  const specialized = new Map<string, Specialized>();

  async function specialize(args: readonly tf.Tensor[]): Promise<Specialized> {
    const key = args.map(({ shape, dtype }) => `${dtype}[${shape}]`).join();
    const known = specialized.get(key);
    if (known) return known;
    const runtime = await loadOnnxRuntime(options);
    let assemble: Specialized['assemble'] | undefined;
    const graph = traceFunction(
      (...traced) => {
        const result = fn(...(traced as Arguments));
        assemble = formOf(result);
        return result;
      },
      args.map(({ shape, dtype }) => ({ shape, dtype })),
    );
    const made = { program: await bindProgram(runtime, graph, values, options), assemble: assemble! };
    specialized.set(key, made);
    return made;
  }

  async function run(args: Arguments): Promise<Result> {
    checkArguments(args);
    const { program, assemble } = await specialize(args);
    for (const [i, arg] of args.entries()) program.arguments[i]!.set(await arg.data());
    await values.pull();
    await program.run();
    values.push();
    return assemble(program.tensors()) as Result;
  }

  return Object.assign((...args: Arguments) => turn(() => run(args)), {
    release: () =>
      turn(async () => {
        for (const { program } of specialized.values()) await program.release();
        specialized.clear();
      }),
  });
}

/** How to put the tensors of a result, in the order in which a trace has them, into the form of that result. */
function formOf(result: CompilableResult): Specialized['assemble'] {
  if (result instanceof tf.Tensor) return ([only]) => only!;
  if (Array.isArray(result)) return (tensors) => [...tensors];
  const names = Object.keys(result ?? {});
  return (tensors) => Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
}

const TYPES: readonly string[] = ['float32', 'int32', 'bool'];

function checkArguments(args: readonly unknown[]): void {
  args.forEach((arg, i) => {
    const problem = !(arg instanceof tf.Tensor)
      ? `a tensor, got ${arg && typeof arg === 'object' ? 'an object' : String(arg)}; make one by tf.tensor, or have the function close over it`
      : arg.isDisposed
        ? 'a tensor that is not disposed'
        : !TYPES.includes(arg.dtype) && `float32, int32 or bool, got ${arg.dtype}`;
    if (problem) throw new KdError('INVALID_ARGUMENT', `compile: argument ${i} must be ${problem}`, { argument: i });
  });
}
