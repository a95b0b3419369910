import type { NamedVariable } from '@kd/ops';
import { traceFunction } from '../trace/trace-function.ts';
import type { FlatOptimizer } from '../updates/flat-optimizer.ts';
import { type Binding, bind } from './open-session.ts';
import type { ProgramOptions } from './program.ts';
import { buildProgram, type Program } from './program.ts';
import { type LoadRuntimeOptions, loadOnnxRuntime } from './runtime.ts';

/** Projects values after an update, such as max-norm. */
export interface Constrain {
  (): Promise<void>;
  release(): Promise<void>;
}

/** One graph for the constraints of all variables, from their flat values; without constraints there is nothing to do. */
export function compileConstraints(
  variables: readonly NamedVariable[],
  optimizer: FlatOptimizer,
  options: ProgramOptions & LoadRuntimeOptions,
): Constrain {
  const constrained = variables.filter(({ constraint }) => constraint);
  const feeds: Record<string, Binding> = {};
  const fetches: Record<string, Binding> = {};
  let program: Program | undefined;

  async function build(): Promise<Program> {
    const runtime = await loadOnnxRuntime(options);
    const graph = traceFunction(
      (...values) => values.map((value, i) => constrained[i]!.constraint!(value)),
      constrained.map(({ variable }) => ({ shape: variable.shape, dtype: variable.dtype })),
    );
    const built = await buildProgram(runtime, graph, { ...options, block: 1 });
    constrained.forEach(({ name }, i) => {
      const [input, output] = [built.inputs[i]!, built.outputs[i]!];
      feeds[input.name] = bind(runtime, input, optimizer.values(name));
      // The gradient has been used by now: its place is free.
      fetches[output.name] = bind(runtime, output, optimizer.gradient(name));
    });
    return built;
  }

  const constrain = async (): Promise<void> => {
    if (constrained.length === 0) return;
    program ??= await build();
    await program.run(feeds, fetches);
    for (const { name } of constrained) optimizer.values(name).set(optimizer.gradient(name));
  };
  return Object.assign(constrain, {
    async release() {
      await program?.release();
      program = undefined;
    },
  });
}
