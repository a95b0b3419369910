import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { onEachBackend } from '../testing/backends.ts';
import { expectClose } from '../testing/check-op.ts';
import { batchNormReference } from '../testing/references/batch-norm.ts';
import { randomArray } from '../testing/references/nd-array.ts';
import { batchNormTraining } from './batch-norm.ts';
import { updateRunningStatistics } from './running-statistics.ts';

const array = randomArray([6, 3], 1, { mean: 2 });
const ones = randomArray([3], 0, { mean: 1, scale: 0 });
const exact = batchNormReference(array, ones, ones, 1e-3);
const makeX = () => tf.tensor2d(Float32Array.from(array.data), [6, 3]);
const start = () => ({ mean: tf.zeros<tf.Rank.R1>([3]), variance: tf.ones<tf.Rank.R1>([3]) });

onEachBackend('updateRunningStatistics', () => {
  it.each([
    ['Keras', { momentum: 0.9 }, (mean: number, variance: number) => [0.1 * mean, 0.9 + 0.1 * variance]],
    [
      'PyTorch',
      { momentum: 0.1, momentumOf: 'batch', unbiasedVariance: true },
      (mean: number, variance: number) => [0.1 * mean, 0.9 + (0.1 * variance * 6) / 5],
    ],
  ] as const)('follows the convention of %s', (_, options, expected) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const batch = batchNormTraining(makeX(), tf.ones([3]), tf.zeros([3]));
      const { mean, variance } = updateRunningStatistics(start(), batch, 6, options);
      const want = Array.from(exact.mean.data, (each, c) => expected(each, exact.variance.data[c]!));
      expectClose(
        mean.dataSync(),
        want.map(([each]) => each!),
        1e-6,
        'mean',
      );
      expectClose(
        variance.dataSync(),
        want.map(([, each]) => each!),
        1e-6,
        'variance',
      );
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is what tfjs-layers does by default', () => {
    const layer = tfl.layers.batchNormalization({ momentum: 0.8 });
    layer.apply(makeX(), { training: true });
    const [, , mean, variance] = layer.getWeights();
    const batch = batchNormTraining(makeX(), tf.ones([3]), tf.zeros([3]));
    const ours = updateRunningStatistics(start(), batch, 6, { momentum: 0.8 });
    expectClose(ours.mean.dataSync(), mean!.dataSync(), 1e-6, 'mean');
    expectClose(ours.variance.dataSync(), variance!.dataSync(), 1e-6, 'variance');
  });

  it('names what is out of range', () => {
    const one = start();
    expect(() => updateRunningStatistics(one, one, 6, { momentum: 1.5 })).toThrow(
      'updateRunningStatistics: momentum must be in [0, 1], got 1.5',
    );
    expect(() => updateRunningStatistics(one, one, 1, { unbiasedVariance: true })).toThrow(
      'updateRunningStatistics: 1 value has no unbiased variance',
    );
  });
});
