import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { onEachBackend } from '../testing/backends.ts';
import { batchNormTraining } from './batch-norm.ts';

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

onEachBackend('batchNormTraining', () => {
  it('keeps its digits for a large mean', () => {
    const x = tf.add(random([64, 3], 1), 1000);
    const { variance, output } = batchNormTraining(x, tf.ones([3]), tf.zeros([3]), 1e-5);
    const exact = tf.moments(tf.sub(x, 1000), 0).variance.dataSync();
    variance.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(exact[i]!, 3);
    });
    expect(Math.abs(tf.mean(output).dataSync()[0]!)).toBeLessThan(1e-3);
  });

  it('leaves three tensors behind', () => {
    const inputs = [random([4, 3], 1), random([3], 2), random([3], 3)] as const;
    const before = tf.memory().numTensors;
    const result = batchNormTraining(inputs[0], inputs[1] as tf.Tensor1D, inputs[2] as tf.Tensor1D);
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([result.output, result.mean, result.variance]);
  });

  it('names what does not fit', () => {
    expect(() => batchNormTraining(tf.zeros([4, 3]), tf.ones([2]), tf.zeros([3]))).toThrow(
      'batchNormTraining: gamma must have shape [3], the last dimension of x [4,3], got [2]',
    );
    expect(() => batchNormTraining(tf.zeros([1, 3]), tf.ones([3]), tf.zeros([3]))).toThrow(
      'x [1,3] has 1 value a channel, which has no variance',
    );
  });
});
