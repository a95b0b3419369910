import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers gradients
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compile } from './compile.ts';

beforeAll(() => tf.setBackend('cpu'));
afterEach(() => tf.disposeVariables());

const options = { cacheDir: false } as const;
const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

describe('compile', () => {
  it('gives results in the form in which the function gives them', async () => {
    const one = compile((x: tf.Tensor) => tf.square(x), options);
    const list = compile((x: tf.Tensor) => [tf.square(x), tf.neg(x)], options);
    const named = compile((x: tf.Tensor) => ({ square: tf.square(x), negative: tf.neg(x) }), options);
    const x = tf.tensor1d([1, 2, 3]);
    expect(numbers(await one(x))).toEqual([1, 4, 9]);
    expect((await list(x)).map(numbers)).toEqual([
      [1, 4, 9],
      [-1, -2, -3],
    ]);
    const { square, negative } = await named(x);
    expect([numbers(square), numbers(negative)]).toEqual([
      [1, 4, 9],
      [-1, -2, -3],
    ]);
    for (const each of [one, list, named]) await each.release();
  });

  it('traces once for each shape', async () => {
    let traces = 0;
    const double = compile((x: tf.Tensor) => {
      traces++;
      return tf.mul(x, 2);
    }, options);
    const answers: number[][] = [];
    for (const size of [2, 3, 2, 3, 2]) answers.push(numbers(await double(tf.ones([size]))));
    expect(answers.map(({ length }) => length)).toEqual([2, 3, 2, 3, 2]);
    expect(traces).toBe(4); // two for each shape: the second to see that it does the same again
    await double.release();
  });

  it('reads variables as they are at the call and writes those that the function assigns', async () => {
    const weight = tf.variable(tf.tensor1d([1, 2]));
    const mean = tf.variable(tf.tensor1d([0, 0]));
    const step = compile((x: tf.Tensor) => {
      const y = tf.mul(x, weight);
      mean.assign(tf.add(tf.mul(mean, 0.5), tf.mul(y, 0.5)) as tf.Tensor1D);
      return y;
    }, options);
    const x = tf.tensor1d([1, 1]);
    expect(numbers(await step(x))).toEqual([1, 2]);
    expect(numbers(mean)).toEqual([0.5, 1]);
    weight.assign(tf.tensor1d([3, 3]));
    expect(numbers(await step(x))).toEqual([3, 3]);
    expect(numbers(mean)).toEqual([1.75, 2]);
    mean.assign(tf.tensor1d([10, 10]));
    await step(x);
    expect(numbers(mean)).toEqual([6.5, 6.5]);
    await step.release();
  });

  it('compiles gradients that the function takes', async () => {
    const weights = tf.variable(tf.randomNormal([5, 3], 0, 1, 'float32', 1));
    const loss = (x: tf.Tensor2D) => tf.mean(tf.softplus(tf.matMul(x, weights as tf.Tensor2D))) as tf.Scalar;
    const gradient = (x: tf.Tensor2D) => tf.variableGrads(() => loss(x), [weights]).grads[weights.name]!;
    const compiled = compile(gradient, options);
    const x = tf.randomNormal<tf.Rank.R2>([4, 5], 0, 1, 'float32', 2);
    const [want, got] = [gradient(x).dataSync(), (await compiled(x)).dataSync()];
    want.forEach((value, i) => {
      expect(got[i]).toBeCloseTo(value, 6);
    });
    await compiled.release();
  });

  it('answers calls in turn', async () => {
    const double = compile((x: tf.Tensor) => tf.mul(x, 2), options);
    const answers = await Promise.all([1, 2, 3].map((value) => double(tf.fill([2], value))));
    expect(answers.map(numbers)).toEqual([
      [2, 2],
      [4, 4],
      [6, 6],
    ]);
    await double.release();
  });

  it('makes no tensors but its results', async () => {
    const weight = tf.variable(tf.tensor1d([1, 2]));
    const step = compile((x: tf.Tensor) => {
      weight.assign(tf.add(weight, x) as tf.Tensor1D);
      return weight.clone();
    }, options);
    const x = tf.ones([2]);
    (await step(x)).dispose();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 10; i++) (await step(x)).dispose();
    expect(tf.memory().numTensors).toBe(before);
    await step.release();
  });

  it('says what cannot be compiled, and where, and works afterwards', async () => {
    const asked = compile((x: tf.Tensor) => tf.mul(x, x.dataSync()[0]!), options);
    await expect(asked(tf.ones([2]))).rejects.toThrow(/^traceFunction: /);
    const random = compile((x: tf.Tensor) => tf.mul(x, tf.randomUniform([2])), options);
    await expect(random(tf.ones([2]))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(tf.getBackend()).toBe('cpu');
    const missing = compile((x: tf.Tensor) => x, {
      load: async () => {
        throw Object.assign(new Error("Cannot find package 'onnxruntime-node'"), { code: 'ERR_MODULE_NOT_FOUND' });
      },
    });
    await expect(missing(tf.ones([2]))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
