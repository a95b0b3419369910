import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../../testing/backends.ts';
import { input, unitRows } from '../../testing/goldens.ts';
import { draws } from '../../testing/gradients.ts';
import { nstLoss } from './nst-loss.ts';

const number = (x: tf.Tensor) => x.dataSync()[0]!;

describe.each(backends)('nstLoss on %s', (backend) => {
  useBackend(backend);

  it('is the squared distance of the mean second moments of the patterns', () => {
    const [s, t] = [draws<tf.Rank.R4>(1, [1, 3, 3, 4]), draws<tf.Rank.R4>(2, [1, 3, 3, 5])];
    const moments = (maps: tf.Tensor4D, channels: number) => {
      const patterns = unitRows(tf.transpose(tf.reshape(maps, [9, channels]))) as tf.Tensor2D; // [channels, positions]
      return tf.div(tf.matMul(patterns, patterns, true), channels);
    };
    const expected = number(tf.sum(tf.square(tf.sub(moments(s, 4), moments(t, 5)))));
    expect(number(nstLoss(s, t))).toBeCloseTo(expected, 5);
  });

  it('sees neither the order, the sign, the strength nor the number of channels', () => {
    const t = input<tf.Rank.R4>('ft');
    const changed = tf.mul<tf.Tensor4D>(tf.reverse(t, 3), tf.tensor1d([1, -1, 5, 0.1, 2, -3]));
    expect(number(nstLoss(tf.concat([changed, changed], 3), t))).toBeCloseTo(0, 6);
  });

  it('is finite, without gradient, for channels of zeros', () => {
    const [zeros, t] = [tf.zeros<tf.Rank.R4>([4, 4, 4, 3]), input<tf.Rank.R4>('ft8')];
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => nstLoss(x as tf.Tensor4D, t))(zeros);
    expect(number(value)).toBeGreaterThan(0);
    expect(Math.max(...grad.dataSync().map(Math.abs))).toBe(0);
    expect(number(nstLoss(zeros, zeros))).toBe(0);
  });

  it.each<[string, () => unknown, string]>([
    [
      'another batch',
      () => nstLoss(tf.zeros([2, 4, 4, 6]), tf.zeros([1, 4, 4, 6])),
      'nstLoss: teacherFeatures must be float32 [2, height, width, channels], got float32 [1, 4, 4, 6]',
    ],
    [
      'whole numbers',
      () => nstLoss(tf.zeros([2, 4, 4, 6], 'int32'), tf.zeros([2, 4, 4, 6])),
      'studentFeatures must be float32 [2, 4, 4, 6], got int32 [2, 4, 4, 6]',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
