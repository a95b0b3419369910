import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers gradients
import type { NamedVariable } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { countingRuntime } from '../testing/counting-runtime.ts';
import { type CompileStepOptions, compileStep } from './compile-step.ts';

beforeAll(() => tf.setBackend('cpu'));
afterEach(() => tf.disposeVariables());

const ROWS = 6;
const options = { cacheDir: false, threads: 1 } as const;
const adam = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
const sgd = { name: 'sgd', momentum: 0, nesterov: false } as const;

const data = (shape: number[], seed: number) => ({
  data: tf.randomNormal(shape, 0, 1, 'float32', seed).dataSync() as Float32Array,
  shape,
});
const inputs = { x: data([ROWS, 4], 1), y: data([ROWS, 2], 2) };

function named(name: string, shape: number[], more: Partial<NamedVariable> = {}): NamedVariable {
  const seed = name.length + shape.length;
  return { name, variable: tf.variable(tf.randomNormal(shape, 0, 1, 'float32', seed)), trainable: true, ...more };
}

/** Two layers of which the last is not used by the loss if it is not asked for. */
function regression(more: Partial<CompileStepOptions> = {}, kernel = named('kernel', [4, 2])) {
  const [bias, unused] = [named('bias', [2]), named('unused', [3])];
  const predict = (x: tf.Tensor) => tf.add(tf.matMul(x as tf.Tensor2D, kernel.variable as never), bias.variable);
  const loss = (x: tf.Tensor, y: tf.Tensor) => tf.mean(tf.squaredDifference(predict(x), y)) as tf.Scalar;
  const step = compileStep({
    ...options,
    variables: [kernel, bias, unused],
    rule: sgd,
    loss: ({ x, y }) => ({ loss: loss(x!, y!), outputs: { prediction: predict(x!) } }),
    ...more,
  });
  return { kernel, bias, unused, loss, step };
}

const [x, y] = [() => tf.tensor(inputs.x.data, inputs.x.shape), () => tf.tensor(inputs.y.data, inputs.y.shape)];

describe('compileStep', () => {
  it('gives loss and outputs before the update, moves what has a gradient, and nothing else', async () => {
    const { kernel, bias, unused, loss, step } = regression();
    const before = unused.variable.dataSync().slice();
    for (let i = 0; i < 3; i++) {
      step.writeVariables();
      const { value, grads } = tf.variableGrads(() => loss(x(), y()), [kernel.variable, bias.variable]);
      const want = [kernel, bias].map(({ variable }) =>
        tf.sub(variable, tf.mul(grads[variable.name]!, 0.1)).dataSync(),
      );
      const { loss: got, outputs } = await step.run(inputs, { learningRate: 0.1 });
      expect(got).toBeCloseTo(value.dataSync()[0]!, 6);
      expect(outputs.prediction).toHaveLength(2 * ROWS);
      step.writeVariables();
      [kernel, bias].forEach(({ variable }, n) => {
        variable.dataSync().forEach((moved, j) => {
          expect(moved).toBeCloseTo(want[n]![j]!, 6);
        });
      });
    }
    expect(unused.variable.dataSync()).toEqual(before);
    await step.release();
  });

  it('leaves the variables alone until they are written, and starts from what somebody assigns', async () => {
    const { kernel, step } = regression();
    const before = kernel.variable.dataSync().slice();
    await step.run(inputs, { learningRate: 0.1 });
    expect(kernel.variable.dataSync()).toEqual(before);
    kernel.variable.assign(tf.zeros([4, 2]));
    const { outputs } = await step.run(inputs, { learningRate: 0 });
    expect(outputs.prediction![0]).toBe(outputs.prediction![2]); // only the bias is left
    step.writeVariables();
    expect(kernel.variable.dataSync().every((value) => value === 0)).toBe(true);
    await step.release();
  });

  it('has a program for each shape, with the same parameters and moments', async () => {
    const half = {
      x: { data: inputs.x.data.slice(0, 12), shape: [3, 4] },
      y: { data: inputs.y.data.slice(0, 6), shape: [3, 2] },
    };
    const { load, opened } = countingRuntime();
    const { kernel, step } = regression({ rule: adam, block: 1, load });
    for (const batch of [inputs, half, inputs, half]) await step.run(batch, { learningRate: 0.1 });
    expect(opened()).toBe(2);
    expect(step.state().find(({ name }) => name === 'step/kernel')!.data[0]).toBe(4);
    step.writeVariables();
    expect(kernel.variable.dataSync().every(Number.isFinite)).toBe(true);
    await step.release();
  });

  it('asks for what is drawn at each step, and puts it where the loss has it', async () => {
    const scale = named('scale', [4]);
    const asked: string[] = [];
    const step = compileStep({
      ...options,
      variables: [scale],
      rule: sgd,
      loss: ({ x: images }, drawn) => {
        const mask = drawn('first', [ROWS, 4]);
        const other = drawn('second', [4]);
        return { loss: tf.sum(tf.mul(tf.mul(tf.mul(images!, mask), other), scale.variable)) };
      },
    });
    for (const factor of [1, 0, 2]) {
      scale.variable.assign(tf.ones([4]));
      const { loss } = await step.run(
        { x: inputs.x },
        {
          learningRate: 0.1,
          draw: (name) => {
            asked.push(name);
            return name === 'first' ? new Float32Array(4 * ROWS).fill(factor) : Float32Array.of(1, 0, 0, 0);
          },
        },
      );
      const sum = inputs.x.data.reduce((total, value, i) => total + (i % 4 === 0 ? value : 0), 0);
      expect(loss).toBeCloseTo(factor * sum, 4);
    }
    expect(asked).toEqual(['first', 'second', 'first', 'second', 'first', 'second']);
    await step.release();
  });

  it('writes what the loss assigns: running statistics', async () => {
    const kernel = named('kernel', [4, 2]);
    const mean = named('mean', [2], { trainable: false });
    mean.variable.assign(tf.zeros([2]));
    const step = compileStep({
      ...options,
      variables: [kernel, mean],
      rule: sgd,
      loss: ({ x: given }) => {
        const prediction = tf.matMul(given as tf.Tensor2D, kernel.variable as never);
        mean.variable.assign(tf.add(tf.mul(mean.variable, 0.5), tf.mul(tf.mean(prediction, 0), 0.5)) as never);
        return { loss: tf.mean(tf.square(prediction)) };
      },
    });
    const batchMean = tf.mean(tf.matMul(x() as tf.Tensor2D, kernel.variable as never), 0).dataSync();
    for (let i = 0; i < 2; i++) await step.run({ x: inputs.x }, { learningRate: 0 });
    step.writeVariables();
    mean.variable.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(0.75 * batchMean[i]!, 5);
    });
    await step.release();
  });

  it('keeps to constraints', async () => {
    const constraint = (value: tf.Tensor) => tf.clipByValue(value, -0.2, 0.2);
    const kernel = named('kernel', [4, 2], { constraint });
    const step = compileStep({
      ...options,
      variables: [kernel],
      rule: adam,
      loss: ({ x: given }) => ({ loss: tf.sum(tf.matMul(given as tf.Tensor2D, kernel.variable as never)) }),
    });
    await step.run({ x: inputs.x }, { learningRate: 1 });
    step.writeVariables();
    for (const value of kernel.variable.dataSync()) expect(Math.abs(value)).toBeCloseTo(0.2, 6);
    await step.release();
  });

  it('clips gradients and gives their norm', async () => {
    const { kernel, bias, loss, step } = regression({ maxGradientNorm: 1e-3 });
    const { grads } = tf.variableGrads(() => loss(x(), y()), [kernel.variable, bias.variable]);
    const norm = Math.sqrt(
      Object.values(grads).reduce((sum, gradient) => sum + tf.sum(tf.square(gradient)).dataSync()[0]!, 0),
    );
    const before = kernel.variable.dataSync().slice();
    const { gradientNorm } = await step.run(inputs, { learningRate: 1 });
    expect(gradientNorm).toBeCloseTo(norm, 5);
    step.writeVariables();
    const moved = Math.hypot(...kernel.variable.dataSync().map((value, i) => value - before[i]!));
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(1e-3);
    await step.release();
  });

  it('keeps a moving average of what is trained', async () => {
    const kernel = named('kernel', [4, 2]);
    const average = tf.variable(tf.clone(kernel.variable));
    const { step } = regression({ averages: [{ variable: kernel.variable, average }] }, kernel);
    const expected = Array.from(kernel.variable.dataSync());
    for (let i = 0; i < 3; i++) {
      await step.run(inputs, { learningRate: 0.1 });
      await step.moveAverages(0.5);
      step.writeVariables();
      kernel.variable.dataSync().forEach((value, j) => {
        expected[j] = 0.5 * expected[j]! + 0.5 * value;
      });
    }
    average.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
    await step.release();
  });

  it('refuses inputs of another length than their shape, and a draw that is missing', async () => {
    const { step } = regression();
    const short = { ...inputs, x: { data: new Float32Array(23), shape: [ROWS, 4] } };
    await expect(step.run(short, { learningRate: 1 })).rejects.toThrow("'x' must have 24 values, got 23");
    await step.release();
    const scale = named('scale', [4]);
    const drawing = compileStep({
      ...options,
      variables: [scale],
      rule: sgd,
      loss: (_, drawn) => ({ loss: tf.sum(tf.mul(scale.variable, drawn('mask', [4]))) }),
    });
    await expect(drawing.run(inputs, { learningRate: 1 })).rejects.toThrow(
      /'mask' must have 4 values, got nothing: give/,
    );
    await drawing.release();
  });

  it('refuses a loss that assigns what is trained, and variables of which none is', async () => {
    const kernel = named('kernel', [4, 2]);
    const step = compileStep({
      ...options,
      variables: [kernel],
      rule: sgd,
      loss: () => {
        const loss = tf.sum(tf.square(kernel.variable)) as tf.Scalar;
        kernel.variable.assign(tf.mul(kernel.variable, 2));
        return { loss };
      },
    });
    await expect(step.run({}, { learningRate: 1 })).rejects.toThrow("compileStep: the loss assigns 'kernel'");
    const frozen = [{ ...kernel, trainable: false }];
    expect(() => compileStep({ variables: frozen, rule: sgd, loss: () => ({ loss: tf.scalar(0) }) })).toThrow(
      'compileStep: none of the variables is trainable; unfreeze a layer',
    );
  });

  it('refuses variables that would share a place, and types that have none', () => {
    const kernel = named('kernel', [4, 2]);
    const make = (...variables: NamedVariable[]) =>
      compileStep({ variables, rule: sgd, loss: () => ({ loss: tf.scalar(0) }) });
    expect(() => make(kernel, named('kernel', [3]))).toThrow("compileStep: two variables are called 'kernel'; give");
    expect(() => make(kernel, { ...kernel, name: 'other' })).toThrow("'kernel' and 'other' are the same variable");
    const count = { name: 'count', variable: tf.variable(tf.scalar(1, 'int32')), trainable: true };
    expect(() => make(count)).toThrow("'count' must be float32 to be trained, got int32");
  });

  it.each<[string, unknown, unknown, RegExp]>([
    ['a plain array', { x: { data: [0.5, 1], shape: [2] } }, 1, /data of 'x' must be a Float32Array .* got Array/],
    ['float64', { x: { data: Float64Array.of(0.5), shape: [1] } }, 1, /got Float64Array/],
    ['no shape', { x: { data: Float32Array.of(1) } }, 1, /shape of 'x' must be a list of whole numbers, got undefined/],
    ['nothing', undefined, 1, /inputs must be an object, got undefined/],
    ['no learning rate', inputs, undefined, /learningRate must be a finite number, got undefined/],
    ['a learning rate that is no number', inputs, Number.NaN, /learningRate must be a finite number, got NaN/],
  ])('refuses %s, and leaves the weights as they are', async (_, given, learningRate, message) => {
    const { kernel, step } = regression();
    const before = kernel.variable.dataSync().slice();
    await expect(step.run(given as never, { learningRate: learningRate as number })).rejects.toThrow(message);
    step.writeVariables();
    expect(kernel.variable.dataSync()).toEqual(before);
    await step.release();
  });

  it('says that a loss is missing', async () => {
    const step = compileStep({ ...options, variables: [named('kernel', [2])], rule: sgd, loss: () => ({}) as never });
    await expect(step.run({}, { learningRate: 1 })).rejects.toThrow('compileStep: the loss must return { loss }');
  });
});
