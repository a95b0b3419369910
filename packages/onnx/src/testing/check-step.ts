import type { NamedVariable } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { compileStep } from '../node/compile-step.ts';
import type { LossFunction, StepArray } from '../node/trace-step.ts';

export interface StepCheck {
  variables: readonly NamedVariable[];
  loss: LossFunction;
  /** A batch for each seed. */
  inputs: (seed: number) => Readonly<Record<string, StepArray>>;
  /** Of gradients and running statistics, relative to a tensor's largest value. @default 1e-4 */
  tolerance?: number;
}

const LOSS = 1e-5;
/** Batches that may be tried: in one of them no value lies so near to a gate of a ReLU that rounding decides about it. */
const SEEDS = 4;

type Values = Map<string, Float32Array>;

const valuesOf = (variables: readonly NamedVariable[]): Values =>
  new Map(variables.map(({ name, variable }) => [name, Float32Array.from(variable.dataSync())]));

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The largest difference of any value of any tensor, relative to that tensor's largest, or to `floor`; NaN is the worst. */
function worst(got: Values, want: Values, floor: number): { error: number; name: string } {
  let found = { error: 0, name: '' };
  for (const [name, expected] of want) {
    const actual = got.get(name) ?? expected.map(() => Number.NaN);
    const error = largest(expected.map((value, i) => value - actual[i]!)) / Math.max(largest(expected), floor);
    const isMissing = expected.some((value, i) => Number.isNaN(value - actual[i]!));
    if (isMissing || error > found.error) found = { error: isMissing ? Number.POSITIVE_INFINITY : error, name };
  }
  return found;
}

/** Noise from a seed, for what is drawn at each step. */
const drawn = (name: string, shape: readonly number[]): tf.Tensor =>
  tf.randomUniform([...shape], 0, 1, 'float32', name.length);

function eager(
  { variables, loss }: StepCheck,
  batch: Readonly<Record<string, StepArray>>,
): { loss: number; gradients: Values } {
  tf.engine().startScope();
  try {
    const tensors = Object.entries(batch).map(
      ([name, { data, shape }]) =>
        [name, tf.tensor(data, [...shape], data instanceof Float32Array ? 'float32' : 'int32')] as const,
    );
    const trainable = variables.filter((each) => each.trainable);
    const { value, grads } = tf.variableGrads(
      () => loss(Object.fromEntries(tensors), drawn).loss,
      trainable.map(({ variable }) => variable),
    );
    const gradients = trainable.flatMap(({ name, variable }) => {
      const gradient = grads[variable.name];
      return gradient ? [[name, gradient.dataSync() as Float32Array] as const] : [];
    });
    return { loss: value.dataSync()[0]!, gradients: new Map(gradients) };
  } finally {
    tf.engine().endScope();
  }
}

/**
 * Asserts that a step through `compileStep` has the loss, the gradients and the running statistics of eager TF.js on the
 * current backend. Gradients are those of one of a few batches; see `SEEDS`.
 */
export async function checkStep(check: StepCheck): Promise<void> {
  const { variables, inputs, tolerance = 1e-4 } = check;
  const statistics = variables.filter(({ trainable }) => !trainable);
  const before = valuesOf(variables);
  const putBack = (): void =>
    tf.tidy(() => {
      for (const { name, variable } of statistics) {
        variable.assign(tf.tensor(before.get(name)!, variable.shape, variable.dtype as 'float32'));
      }
    });
  const shapes = new Map<string, readonly number[]>();
  const step = compileStep({
    variables,
    loss: (tensors, draw) =>
      check.loss(tensors, (name, shape) => {
        shapes.set(name, shape);
        return draw(name, shape);
      }),
    rule: { name: 'sgd', momentum: 0.5, nesterov: false }, // whose moment is the gradient after one step from nothing
    threads: 1,
    cacheDir: false,
    onWarning(line) {
      throw new Error(line);
    },
  });
  let gradientError = { error: Number.POSITIVE_INFINITY, name: '' };
  for (let seed = 1; seed <= SEEDS && gradientError.error > tolerance; seed++) {
    const batch = inputs(seed);
    const expected = eager(check, batch);
    const statisticsWanted = valuesOf(statistics);
    putBack();
    step.restore([]);
    const draw = (name: string): Float32Array => drawn(name, shapes.get(name)!).dataSync() as Float32Array;
    const { loss } = await step.run(batch, { learningRate: 0, draw });
    step.writeVariables();
    expect(Math.abs(loss - expected.loss) / Math.abs(expected.loss), `loss ${loss} for ${expected.loss}`).toBeLessThan(
      LOSS,
    );
    const statisticsError = worst(valuesOf(statistics), statisticsWanted, 1e-3);
    expect(statisticsError.error, statisticsError.name).toBeLessThan(tolerance);
    putBack();
    const moments = step.state().flatMap(({ name, data }) => {
      const [, of] = /^momentum\/(.*)/.exec(name) ?? [];
      return of === undefined ? [] : [[of, data as Float32Array] as const];
    });
    // What is zero but for rounding (the offset in front of a batch-norm, a key's bias) is judged beside the others.
    const steepest = Math.max(...[...expected.gradients.values()].map(largest));
    expect(steepest).toBeGreaterThan(0);
    gradientError = worst(new Map(moments), expected.gradients, 1e-2 * steepest);
  }
  expect(gradientError.error, `gradient of ${gradientError.name}`).toBeLessThanOrEqual(tolerance);
  await step.release();
}
