import { KdError, type NamedTensor } from '@kd/core';
import { type HasWeights, type NamedVariable, namedVariables } from '@kd/ops';
import type * as tf from '@tensorflow/tfjs-core';
import { createFlatOptimizer, type FlatOptimizerOptions, type FlatParameter } from '../updates/flat-optimizer.ts';
import { moveAverage } from '../updates/js-kernels.ts';
import { type BoundProgram, bindProgram } from './bound-program.ts';
import { compileConstraints } from './compile-constraints.ts';
import { inTurn } from './in-turn.ts';
import type { PortArray } from './open-session.ts';
import type { ProgramOptions } from './program.ts';
import { type LoadRuntimeOptions, loadOnnxRuntime } from './runtime.ts';
import { checkInputs, checkLearningRate, checkTrainable } from './step-checks.ts';
import { GRADIENT, LOSS, type LossFunction, OUTPUT, type StepArray, traceStep, typeOf } from './trace-step.ts';
import { createVariableValues } from './variable-values.ts';

export interface CompileStepOptions
  extends ProgramOptions,
    LoadRuntimeOptions,
    Omit<FlatOptimizerOptions, 'kernels' | 'hasAverage'> {
  /**
   * A `tf.LayersModel`, or variables by name: trained are those that say so, the others are read, and written if the loss
   * assigns them.
   */
  variables: HasWeights | readonly NamedVariable[];
  /** Called while it is traced, for each combination of inputs and shapes: as for `compile`, with inputs by name. */
  loss: LossFunction;
  /** Learning rate and weight decay of one variable, by name. @default the same rate for all, no decay */
  group?: (name: string) => Pick<FlatParameter, 'learningRateScale' | 'weightDecay'>;
  /** Variables with another one of the same shape for their moving average, which `moveAverages` moves. @default none */
  averages?: readonly Averaged[];
}

/** A variable, trained or assigned by the loss, and its moving average. */
export interface Averaged {
  readonly variable: tf.Variable;
  /** Starts from what it is. */
  readonly average: tf.Variable;
}

export interface StepRun {
  learningRate: number;
  /** false: the gradients are kept, and the next update goes along the mean of theirs and its own. @default true */
  update?: boolean;
  /** Gives what `drawn` asked for. */
  draw?: (name: string) => Float32Array;
}

export interface StepOutputs {
  loss: number;
  /** Copies. */
  outputs: Record<string, Float32Array>;
  /** Of all gradients together, if they are clipped. */
  gradientNorm?: number;
  /** Whether loss or gradients were not finite: then the inputs have changed nothing. */
  skipped: boolean;
}

/**
 * A training step as one ONNX graph, gradients included, and an update in place: parameters, gradients and moments stay in
 * flat arrays. A loss or gradients that are not finite leave everything as it was. Variables that somebody assigns between steps are read before the next one.
 */
export interface CompiledStep {
  /** Compiles for inputs of these shapes and types, if that has not been done: what `run` does at their first time. */
  prepare(inputs: Readonly<Record<string, StepArray>>): Promise<void>;
  run(inputs: Readonly<Record<string, StepArray>>, options: StepRun): Promise<StepOutputs>;
  /** `average = decay * average + (1 - decay) * variable`, decay in [0, 1]: to be called after an update. */
  moveAverages(decay: number): Promise<void>;
  /** Assigns the variables, averages included, what the steps have made of them. */
  writeVariables(): void;
  /** What the optimiser remembers, as `Optimizer.state` of @kd/train has it. */
  state(): NamedTensor[];
  restore(state: readonly NamedTensor[]): void;
  /** 8 or 16 if the last step ran on ONNX Runtime's blocked layout, else 1. */
  readonly block: 1 | 8 | 16;
  release(): Promise<void>;
}

interface Specialized {
  program: BoundProgram;
  inputs: readonly string[];
  drawn: readonly string[];
  /** Names of the outputs beside the loss. */
  outputs: readonly string[];
  /** The variables that have gradients. */
  trained: ReadonlySet<string>;
}

/**
 * Compiles a training step.
 *
 * @throws {KdError} INVALID_ARGUMENT if nothing is to be trained, two variables have the same name or an option is out of
 *   range; from `run` what `compile` throws, and INVALID_ARGUMENT or SHAPE_MISMATCH for inputs that are no such arrays
 *
 * @example
 * import { compileStep } from '@kd/onnx/node';
 * import * as tf from '@tensorflow/tfjs-core';
 * const slope = tf.variable(tf.scalar(1));
 * const step = compileStep({
 *   variables: [{ name: 'slope', variable: slope, trainable: true }],
 *   rule: { name: 'sgd', momentum: 0, nesterov: false },
 *   loss: ({ x, y }) => ({ loss: tf.mean<tf.Scalar>(tf.squaredDifference(tf.mul(x!, slope), y!)) }),
 * });
 * const inputs = { x: { data: Float32Array.of(1, 2), shape: [2] }, y: { data: Float32Array.of(3, 6), shape: [2] } };
 * for (let i = 0; i < 20; i++) await step.run(inputs, { learningRate: 0.1 });
 * step.writeVariables();
 * console.log(slope.dataSync()[0]!.toFixed(3)); // 3.000
 * await step.release();
 */
export function compileStep(options: CompileStepOptions): CompiledStep {
  const { variables: given, rule, maxGradientNorm, group, loss, averages = [] } = options;
  const variables = 'weights' in given ? namedVariables(given) : given;
  const trainable = variables.filter((each) => each.trainable);
  checkTrainable(variables, trainable);
  const optimizer = createFlatOptimizer(
    trainable.map(({ name, variable }) => ({ name, shape: variable.shape, ...group?.(name) })),
    {
      rule,
      ...(maxGradientNorm === undefined ? {} : { maxGradientNorm }),
      hasAverage: averages.length > 0,
    },
  );
  const values = createVariableValues();
  for (const { name, variable } of trainable) values.array(variable, optimizer.values(name));
  const flatNames = new Map(trainable.map(({ name, variable }) => [variable, name]));
  for (const { variable, average } of averages) {
    const name = flatNames.get(variable);
    values.array(average, name === undefined ? undefined : optimizer.average(name));
  }
  const turn = inTurn();
  const constrain = compileConstraints(trainable, optimizer, options);
  const specialized = new Map<string, Specialized>();
  let block: 1 | 8 | 16 = 1;
  let kept = 0; // gradients for the next update

  async function specialize(inputs: Readonly<Record<string, StepArray>>): Promise<Specialized> {
    checkInputs(inputs);
    const key = JSON.stringify(Object.entries(inputs).map(([name, { shape, data }]) => [name, shape, typeOf(data)]));
    const known = specialized.get(key);
    if (known) return known;
    const runtime = await loadOnnxRuntime(options);
    const { graph, drawn } = traceStep(inputs, trainable, loss);
    const program = await bindProgram(runtime, graph, values, {
      ...options,
      place: (result) => (result.startsWith(GRADIENT) ? optimizer.gradient(result.slice(GRADIENT.length)) : undefined),
    });
    const conflict = trainable.find(({ variable }) => program.assigned.includes(variable));
    if (conflict) {
      await program.release();
      throw new KdError(
        'UNSUPPORTED',
        `compileStep: the loss assigns '${conflict.name}', which the update changes too`,
      );
    }
    const names = (prefix: string): string[] =>
      Object.keys(program.results).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
    const made = {
      program,
      inputs: Object.keys(inputs),
      drawn,
      outputs: names(OUTPUT),
      trained: new Set(names(GRADIENT)),
    };
    specialized.set(key, made);
    return made;
  }

  async function run(
    inputs: Readonly<Record<string, StepArray>>,
    { learningRate, draw, update = true }: StepRun,
  ): Promise<StepOutputs> {
    checkLearningRate(learningRate);
    const { program, outputs, trained, ...ports } = await specialize(inputs);
    const drawn = ports.drawn.map((name) => [name, draw?.(name)] as const);
    const given = [...ports.inputs.map((name) => [name, inputs[name]!.data] as const), ...drawn];
    given.forEach(([name, data], i) => {
      fill(program.arguments[i]!, name, data);
    });
    await values.pull();
    let skipped = false;
    await program.run(() => {
      skipped = !Number.isFinite(program.results[LOSS]![0]) || !Number.isFinite(optimizer.gradientNorm(trained));
      return !skipped;
    });
    block = program.block;
    let gradientNorm = skipped ? optimizer.gradientNorm(trained) : undefined;
    if (update && (!skipped || kept > 0)) {
      const norm = optimizer.update(learningRate, trained, !skipped);
      kept = 0;
      gradientNorm ??= norm;
      await constrain();
      values.changed(
        trainable.flatMap(({ name, variable, constraint }) => (trained.has(name) || constraint ? [variable] : [])),
      );
    } else if (!skipped) {
      optimizer.accumulate();
      kept += 1;
    }
    return {
      loss: program.results[LOSS]![0]!,
      outputs: Object.fromEntries(
        outputs.map((name) => [name, (program.results[OUTPUT + name] as Float32Array).slice()]),
      ),
      ...(gradientNorm === undefined ? {} : { gradientNorm }),
      skipped,
    };
  }

  async function moveAverages(decay: number): Promise<void> {
    await values.pull(); // averages that somebody has assigned
    optimizer.moveAverages(decay);
    const assigned = new Set([...specialized.values()].flatMap(({ program }) => program.assigned));
    for (const { variable, average } of averages) {
      // Running statistics are no part of the flat arrays; what is frozen equals its average.
      if (assigned.has(variable)) {
        moveAverage(values.array(average) as Float32Array, values.array(variable) as Float32Array, decay);
      }
      values.changed([average]);
    }
  }

  return {
    prepare: (inputs) => turn(async () => void (await specialize(inputs))),
    run: (inputs, each) => turn(() => run(inputs, each)),
    moveAverages: (decay) => turn(() => moveAverages(decay)),
    writeVariables: values.push,
    state: optimizer.state,
    restore: optimizer.restore,
    get block() {
      return block;
    },
    release: () =>
      turn(async () => {
        for (const { program } of specialized.values()) await program.release();
        specialized.clear();
        await constrain.release();
      }),
  };
}

function fill(array: PortArray, name: string, data: StepArray['data'] | undefined): void {
  if (data?.length !== array.length) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `compileStep: '${name}' must have ${array.length} values, got ${data ? data.length : 'nothing: give run a draw'}`,
      { name },
    );
  }
  array.set(data);
}
