import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../../testing/backends.ts';
import { input } from '../../testing/goldens.ts';
import { hintLoss } from './hint-loss.ts';
import { mgdLoss } from './mgd-loss.ts';

describe.each(backends)('mgdLoss on %s', (backend) => {
  useBackend(backend);

  it("is hintLoss times the weight and a sample's elements", () => {
    const [s, t] = [input('fs'), input('ft')];
    const expected = hintLoss(s, t).dataSync()[0]! * 0.5 * 96;
    expect(mgdLoss(s, t, undefined, { weight: 0.5 }).dataSync()[0]! / expected).toBeCloseTo(1, 5);
  });

  it.each<[string, () => unknown, string]>([
    [
      'other channels',
      () => mgdLoss(tf.zeros([2, 4, 4, 6]), tf.zeros([2, 4, 4, 1])),
      'mgdLoss: teacherFeatures must be float32 [2, 4, 4, 6] as studentFeatures, got float32 [2, 4, 4, 1]',
    ],
    [
      'a negative weight',
      () => mgdLoss(input('fs'), input('ft'), undefined, { weight: -1 }),
      'mgdLoss: weight must be >= 0, got -1',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
