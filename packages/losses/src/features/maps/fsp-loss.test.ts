import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../../testing/backends.ts';
import { draws } from '../../testing/gradients.ts';
import { fspLoss } from './fsp-loss.ts';

const number = (x: tf.Tensor) => x.dataSync()[0]!;
const maps = (...shape: [number, number, number, number]) => draws<tf.Rank.R4>(shape[1], shape);

describe.each(backends)('fspLoss on %s', (backend) => {
  useBackend(backend);

  it('compares means of products over the positions', () => {
    const [earlier, later] = [tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), tf.tensor4d([5, 6, 7, 8], [1, 2, 2, 1])];
    const zero = tf.zerosLike(earlier);
    expect(number(fspLoss([earlier, later], [zero, zero]))).toBeCloseTo(((5 + 12 + 21 + 32) / 4) ** 2, 3);
  });

  it('takes a teacher with maps of another size', () => {
    const student = [maps(2, 4, 4, 3), maps(2, 2, 2, 5)] as const;
    const twice = student.map((map) => tf.image.resizeNearestNeighbor(map, [map.shape[1] * 2, map.shape[2] * 2]));
    expect(number(fspLoss(student, twice as [tf.Tensor4D, tf.Tensor4D]))).toBeCloseTo(0, 6);
  });

  it('gives a gradient to both of the maps', () => {
    const [earlier, later] = [maps(2, 4, 4, 3), maps(2, 2, 2, 5)];
    const f = (a: tf.Tensor, b: tf.Tensor) =>
      fspLoss([a as tf.Tensor4D, b as tf.Tensor4D], [tf.neg(earlier), tf.mul(later, 2)]);
    for (const gradient of tf.grads(f)([earlier, later])) expect(number(tf.norm(gradient))).toBeGreaterThan(0);
  });

  const pair = () => [maps(2, 4, 4, 3), maps(2, 2, 2, 5)] as const;
  it.each<[string, () => unknown, string]>([
    [
      'other channels',
      () => fspLoss(pair(), [maps(2, 4, 4, 3), maps(2, 2, 2, 1)]),
      'fspLoss: later teacherFeatures must be float32 [2, height, width, 5] ' +
        "with the student's channels, got float32 [2, 2, 2, 1]",
    ],
    [
      'maps of two batches',
      () => fspLoss([maps(2, 4, 4, 3), maps(1, 2, 2, 5)], pair()),
      'fspLoss: later studentFeatures must be float32 [2, height, width, channels], got float32 [1, 2, 2, 5]',
    ],
    ['one map', () => fspLoss([pair()[0]] as never, pair()), 'later studentFeatures must be float32'],
    ['no list', () => fspLoss(pair()[0] as never, pair()), 'earlier studentFeatures must be float32'],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
