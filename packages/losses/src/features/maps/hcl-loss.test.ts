import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../../testing/backends.ts';
import { input } from '../../testing/goldens.ts';
import { draws } from '../../testing/gradients.ts';
import { hclLoss } from './hcl-loss.ts';
import { hintLoss } from './hint-loss.ts';

const number = (x: tf.Tensor) => x.dataSync()[0]!;
const maps = (seed: number, ...shape: [number, number, number, number]) => draws<tf.Rank.R4>(seed, shape);

describe.each(backends)('hclLoss on %s', (backend) => {
  useBackend(backend);

  it('is the sum of its levels', () => {
    const [s, t] = [maps(1, 4, 7, 5, 3), maps(2, 4, 7, 5, 3)];
    const [big, bigT] = [input<tf.Rank.R4>('h8s'), input<tf.Rank.R4>('h8t')];
    const sum = number(hclLoss(s, t)) + number(hclLoss(big, bigT));
    expect(number(hclLoss([s, big], [t, bigT]))).toBeCloseTo(sum, 5);
    expect(hclLoss([s, big], [t, bigT], undefined, { reduction: 'none' }).shape).toEqual([4]);
  });

  it('is the squared error where nothing can be pooled', () => {
    const [s, t] = [maps(1, 2, 1, 1, 6), maps(2, 2, 1, 1, 6)];
    expect(number(hclLoss(s, t))).toBeCloseTo(number(hintLoss(s, t)), 6);
  });

  it('counts a difference that is the same everywhere at every scale', () => {
    const s = maps(1, 2, 7, 7, 3);
    expect(number(hclLoss(s, tf.add<tf.Tensor4D>(s, 2)))).toBeCloseTo(4, 4);
  });

  it.each<[string, () => unknown, string]>([
    [
      'more levels of the student',
      () => hclLoss([maps(1, 2, 4, 4, 3), maps(1, 2, 2, 2, 3)], [maps(1, 2, 4, 4, 3)]),
      'hclLoss: student and teacher must have as many levels, got 2 and 1',
    ],
    ['no level', () => hclLoss([], []), 'hclLoss: student and teacher must have as many levels, got 0 and 0'],
    [
      'other channels',
      () => hclLoss(maps(1, 2, 4, 4, 3), maps(1, 2, 4, 4, 1)),
      'hclLoss: teacherFeatures must be float32 [2, 4, 4, 3] as studentFeatures, got float32 [2, 4, 4, 1]',
    ],
    [
      'levels of two batches',
      () => hclLoss([maps(1, 2, 4, 4, 3), maps(1, 1, 2, 2, 3)], [maps(1, 2, 4, 4, 3), maps(1, 1, 2, 2, 3)]),
      'studentFeatures must be float32 [2, height, width, channels], got float32 [1, 2, 2, 3]',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
