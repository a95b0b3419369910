import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../../testing/backends.ts';
import { input } from '../../testing/goldens.ts';
import { hintLoss } from './hint-loss.ts';

describe.each(backends)('hintLoss on %s', (backend) => {
  useBackend(backend);

  it("is the paper's half of a squared 2-norm, divided by half of a sample's elements", () => {
    const [s, t] = [input('fs'), input('ft')];
    const norms = tf.sum(tf.reshape(tf.square(tf.sub(s, t)), [4, -1]), 1);
    const paper = tf.mean(tf.mul(norms, 0.5)).dataSync()[0]!;
    expect(hintLoss(s, t).dataSync()[0]).toBeCloseTo(paper / ((4 * 4 * 6) / 2), 5);
  });

  it('reduces as named, also vectors', () => {
    const [s, t] = [
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      tf.tensor2d([
        [1, 0],
        [3, 5],
      ]),
    ];
    expect(Array.from(hintLoss(s, t, undefined, { reduction: 'none' }).dataSync())).toEqual([2, 0.5]);
    expect(hintLoss(s, t, undefined, { reduction: 'sum' }).dataSync()[0]).toBe(2.5);
    const mask = tf.tensor1d([false, true], 'bool');
    expect(hintLoss(s, t, undefined, { mask }).dataSync()[0]).toBe(0.5);
  });

  it.each<[string, () => unknown, string]>([
    [
      'channels that TF.js would broadcast',
      () => hintLoss(tf.zeros([2, 4, 4, 6]), tf.zeros([2, 4, 4, 1])),
      'hintLoss: teacherFeatures must be float32 [2, 4, 4, 6] as studentFeatures, got float32 [2, 4, 4, 1]',
    ],
    ['a batch that TF.js would broadcast', () => hintLoss(tf.zeros([2, 3]), tf.zeros([1, 3])), 'got float32 [1, 3]'],
    [
      'one vector without a batch',
      () => hintLoss(tf.zeros([3]), tf.zeros([3])),
      'hintLoss: studentFeatures must be float32 [batch, ..., channels], got float32 [3]',
    ],
    ['an empty batch', () => hintLoss(tf.zeros([0, 3]), tf.zeros([0, 3])), 'got float32 [0, 3]'],
    ['no teacher', () => hintLoss(tf.zeros([2, 3]), undefined as never), 'got undefined'],
    [
      'an option of another loss',
      () => hintLoss(tf.zeros([2, 3]), tf.zeros([2, 3]), undefined, { weight: 1 } as never),
      'weight is none of reduction, sampleWeights, mask',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
