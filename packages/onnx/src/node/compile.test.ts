import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../testing/expect-close.ts';
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

  it.each<[string, unknown, RegExp]>([
    ['a number', 3, /^compile: argument 0 must be a tensor, got 3; make one by tf.tensor/],
    ['a list', [1, 2], /must be a tensor, got an object/],
    ['nothing', undefined, /must be a tensor, got undefined/],
    ['strings', () => tf.tensor1d(['a']), /must be float32, int32 or bool, got string/],
    ['what is disposed', () => tf.tidy(() => tf.clone(tf.ones([2]))), /tensor that is not disposed/],
  ])('refuses %s as an argument', async (name, given, message) => {
    const double = compile((x: tf.Tensor) => tf.mul(x, 2), options);
    const argument = (typeof given === 'function' ? given() : given) as tf.Tensor;
    if (name === 'what is disposed') argument.dispose();
    await expect(double(argument)).rejects.toThrow(message);
  });

  it.each<[string, (x: tf.Tensor) => unknown, RegExp]>([
    ['a promise', async (x) => x, /must return tensors, got a promise/],
    ['a promise that fails later', (x) => Promise.resolve().then(() => tf.neg(x)), /got a promise/],
    ['a list in an object', (x) => ({ y: [x] }), /an object of tensors, got an object at 'y'/],
    ['a number', () => 3, /must return tensors, got 3/],
  ])('refuses %s as a result', async (_, fn, message) => {
    const compiled = compile(fn as (x: tf.Tensor) => tf.Tensor, options);
    await expect(compiled(tf.ones([2]))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(compiled(tf.ones([2]))).rejects.toThrow(message);
  });

  it('hands on what the function throws, and says which shapes do not fit; both can be called again', async () => {
    const weight = tf.variable(tf.ones([3, 2]));
    const product = compile((x: tf.Tensor) => {
      if (x.size === 1) throw new Error('mine');
      return tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D);
    }, options);
    await expect(product(tf.ones([1, 1]))).rejects.toThrow('mine');
    await expect(product(tf.ones([2, 2]))).rejects.toThrow(/sums over 2 columns of \[2,2\] and 3 rows of \[3,2\]/);
    expect(numbers(await product(tf.ones([1, 3])))).toEqual([3, 3]);
    await product.release();
    await product.release();
    expect(numbers(await product(tf.ones([1, 3])))).toEqual([3, 3]);
    await product.release();
  });

  it('takes stock layers as tfjs-layers calls kernels for them', async () => {
    const { layers } = tfl;
    const normal = layers.layerNormalization({ inputShape: [5, 7], gammaInitializer: 'randomNormal' });
    const window = { kernelSize: 3, padding: 'same' } as const;
    const models = [
      tfl.sequential({ layers: [normal] }),
      tfl.sequential({ layers: [layers.depthwiseConv2d({ ...window, inputShape: [6, 6, 4] })] }), // dilations: null
      tfl.sequential({ layers: [layers.lstm({ units: 4, inputShape: [5, 3], recurrentInitializer: 'glorotNormal' })] }),
      tfl.sequential({ layers: [layers.embedding({ inputDim: 5, outputDim: 3, inputLength: 4 })] }),
    ];
    for (const model of models) {
      const variables = model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
      const fn = (x: tf.Tensor) => {
        const loss = () => tf.sum<tf.Scalar>(tf.square(model.apply(x, { training: true }) as tf.Tensor));
        const { value, grads } = tf.variableGrads(loss, variables);
        return [value, ...variables.map(({ name }) => grads[name]!)];
      };
      const isEmbedding = model.layers[0]!.name.startsWith('embedding');
      const shape = [2, ...model.inputs[0]!.shape.slice(1)] as number[];
      const x = isEmbedding
        ? tf.tensor2d([
            [0, 1, 2, 4],
            [3, 3, 1, 0],
          ])
        : tf.randomNormal(shape, 0, 1, 'float32', 1);
      const compiled = compile(fn, options);
      const got = await compiled(x);
      for (const [i, want] of fn(x).entries()) expectClose(got[i]!, want, 1e-4, `${model.layers[0]!.name} ${i}`);
      await compiled.release();
    }
  });

  it('names the op of a kernel that cannot be lowered', async () => {
    const resized = compile((x: tf.Tensor) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [4, 4]), options);
    await expect(resized(tf.ones([1, 2, 2, 1]))).rejects.toThrow(
      /^lowerGraph: there is no lowering for ResizeNearestNeighbor.*\(asked for by tf\.\w+\)/,
    );
  });

  it.each([
    [{ threads: 0 }, 'threads must be a whole number from 1, got 0'],
    [{ threads: 1.5 }, 'threads must be a whole number from 1, got 1.5'],
    [{ block: 4 as 8 }, 'block must be one of auto, 1, 8, 16, got 4'],
  ])('refuses %o', async (more, message) => {
    const double = compile((x: tf.Tensor) => tf.mul(x, 2), { ...options, ...more });
    await expect(double(tf.ones([2]))).rejects.toThrow(message);
  });
});
