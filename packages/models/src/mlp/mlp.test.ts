import '@tensorflow/tfjs-backend-cpu';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { getModelConfig } from '../model-config.ts';
import { type MlpOptions, mlp } from './mlp.ts';

const classNames = Array.from({ length: 10 }, (_, i) => String(i));
const make = (options: Partial<MlpOptions> = {}) => mlp({ hiddenSizes: [16, 12], classNames, ...options });
const images = (batch: number) => tf.randomUniform([batch, 28, 28, 1], 0, 1, 'float32', 5);
const values = (model: LayersModel, name: string) =>
  namedVariables(model)
    .find((each) => each.name === name)!
    .variable.dataSync();
const run = (model: LayersModel, x: tf.Tensor, kwargs = {}) => model.apply(x, kwargs) as tf.Tensor;
const moments = (x: ArrayLike<number>) => {
  const mean = Array.from(x).reduce((a, b) => a + b) / x.length;
  return { mean, std: Math.sqrt(Array.from(x).reduce((a, b) => a + (b - mean) ** 2, 0) / x.length) };
};

describe('mlp', () => {
  it.each([
    // weights + biases, and gamma, beta, running mean and variance of two batch-norms
    ['teacher 1200-1200', { hiddenSizes: [1200, 1200], batchNorm: true }, 2_395_210 + 4 * 2400],
    ['student 800-800', { hiddenSizes: [800, 800] }, 1_276_810],
    ['no hidden layer', { hiddenSizes: [] }, 7850],
  ])('%s has the parameters of the formula', (_, options, expected) => {
    const model = make(options);
    expect(model.countParams()).toBe(expected);
    expect(run(model, images(16)).shape).toEqual([16, 10]);
  });

  it('starts from its seed', () => {
    const kernels = (seed: number) => values(make({ seed }), 'fc1/kernel');
    expect(kernels(1)).toEqual(kernels(1));
    expect(kernels(1)).not.toEqual(kernels(2));
  });

  it.each([
    ['heNormal', Math.sqrt(2 / 784)],
    ['notebook', 0.02],
    ['hinton', 0.01],
    ['torch', 1 / Math.sqrt(3 * 784)],
  ] as const)('%s draws kernels with its spread', (initializer, std) => {
    const model = make({ hiddenSizes: [200], initializer, batchNorm: true });
    const kernel = moments(values(model, 'fc1/kernel'));
    expect(Math.abs(kernel.mean)).toBeLessThan(std / 50);
    expect(kernel.std / std).toBeCloseTo(1, 1);
    expect(moments(values(model, 'fc1/bias')).std > 0).toBe(initializer === 'torch');
    expect(moments(values(model, 'bn1/gamma')).std > 0).toBe(initializer === 'notebook');
    if (initializer === 'torch')
      expect(values(model, 'fc1/kernel').every((value) => Math.abs(value) <= 1 / 28)).toBe(true);
  });

  it('takes its dropout mask from the context, and drops nothing in inference', () => {
    const model = make({ dropout: 0.5, initializer: 'torch' });
    const x = images(4);
    const context = (epoch: number) => ({ seed: 3, epoch, step: 0, ids: Uint32Array.of(4, 5, 6, 7) });
    const train = (epoch: number) => run(model, x, { training: true, context: context(epoch) }).dataSync();
    expect(train(0)).toEqual(train(0));
    expect(train(0)).not.toEqual(train(1));
    expect(run(model, x).dataSync()).toEqual(run(model, x).dataSync());
  });

  it('draws a new mask at each call without a context', () => {
    const model = make({ dropout: 0.5 });
    const x = images(4);
    const train = () => run(model, x, { training: true }).dataSync();
    expect(train()).not.toEqual(train());
  });

  it.each([true, false])('keeps running statistics, unbiased variance: %s', (unbiasedVariance) => {
    const model = make({ hiddenSizes: [6], batchNorm: { momentum: 0.75, unbiasedVariance }, initializer: 'torch' });
    const x = images(8);
    run(model, x, { training: true });
    const hidden = tf.add(
      tf.matMul(tf.reshape(x, [8, 784]), tf.tensor2d(values(model, 'fc1/kernel'), [784, 6])),
      tf.tensor1d(values(model, 'fc1/bias')),
    );
    const { mean, variance } = tf.moments(hidden, 0);
    const factor = unbiasedVariance ? 8 / 7 : 1;
    values(model, 'bn1/moving_mean').forEach((got, i) => {
      expect(got).toBeCloseTo(0.25 * mean.dataSync()[i]!, 5);
    });
    values(model, 'bn1/moving_variance').forEach((got, i) => {
      expect(got).toBeCloseTo(0.75 + 0.25 * factor * variance.dataSync()[i]!, 5);
    });
  });

  it('tells what it was made with', () => {
    expect(getModelConfig(make({ batchNorm: true, dropout: 0.2 }))).toMatchObject({
      modelType: 'mlp',
      hiddenSizes: [16, 12],
      batchNorm: { momentum: 0.9, epsilon: 1e-5, unbiasedVariance: true },
      dropout: 0.2,
      maxNorm: false,
    });
  });

  it.each<[Partial<MlpOptions>, string]>([
    [{ hiddenSizes: [0] }, 'mlp: hiddenSizes must be whole numbers > 0, got [0]'],
    [{ classNames: ['one'] }, 'classNames must name two classes or more, got 1'],
    [{ dropout: 1 }, 'dropout must be in [0, 1), got 1'],
    [{ maxNorm: 0 }, 'maxNorm must be > 0, got 0'],
    [{ inputShape: [28, 28] as never }, 'inputShape must be [height, width, channels], got [28,28]'],
    [{ initializer: 'xavier' as never }, "initializer must be one of heNormal, notebook, hinton, torch, got 'xavier'"],
  ])('refuses %j', (options, message) => {
    expect(() => make(options)).toThrow(message);
  });
});
