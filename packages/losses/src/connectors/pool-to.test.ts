import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { draws, expectGradients, expectTensor } from '../testing/gradients.ts';
import { poolTo } from './pool-to.ts';

const rows = (...values: number[]) => tf.tensor4d(values, [1, values.length, 1, 1]);

describe.each(backends)('poolTo on %s', (backend) => {
  useBackend(backend);

  // The values are those of torch.nn.functional.adaptive_avg_pool2d.
  it.each([
    ['a divisor', [1, 2, 3, 4], [1.5, 3.5]],
    ['no divisor: cells overlap', [1, 2, 3, 4, 5], [1.5, 3, 4.5]],
    ['more cells than rows', [1, 2, 3], [1, 1.5, 2, 2.5, 3]],
    ['a multiple', [1, 2], [1, 1, 2, 2]],
    ['one', [1, 2, 3], [2]],
  ])('averages to %s', (_, values, expected) => {
    expectTensor(poolTo(rows(...values), [expected.length, 1]), rows(...expected), 1e-6);
    const across = (column: tf.Tensor4D) => tf.transpose(column, [0, 2, 1, 3]) as tf.Tensor4D;
    expectTensor(poolTo(across(rows(...values)), [1, expected.length]), across(rows(...expected)), 1e-6);
  });

  it('pools height, width, samples and channels apart', () => {
    const x = draws<tf.Rank.R4>(1, [2, 4, 6, 3]);
    expectTensor(poolTo(x, [2, 2]), tf.avgPool(x, [2, 3], [2, 3], 'valid'));
  });

  it('has a gradient at any ratio', () => {
    const x = tf.variable(draws<tf.Rank.R4>(1, [2, 5, 6, 3]));
    expectGradients(() => tf.sum(tf.square(poolTo(x, [3, 2]))), [x]);
  });

  it('returns a tensor of its own, also of the same size', () => {
    const x = draws<tf.Rank.R4>(1, [2, 4, 4, 3]);
    poolTo(x, [4, 4]).dispose();
    expect(x.isDisposed).toBe(false);
  });

  it.each<[string, () => unknown, string]>([
    ['vectors', () => poolTo(tf.zeros([2, 3]) as never, [1, 1]), 'poolTo: features must be float32 [batch, height'],
    ['no height', () => poolTo(tf.zeros([1, 2, 2, 1]), [0, 1]), 'poolTo: height must be a whole number > 0, got 0'],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
