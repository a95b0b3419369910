import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { apart, gradientOf, numberOf } from '../testing/distributions.ts';
import { labels, student, teacher } from '../testing/goldens.ts';
import { crossEntropy } from './cross-entropy.ts';
import { hardDistillationLoss } from './hard-distillation-loss.ts';

describe.each(backends)('hardDistillationLoss on %s', (backend) => {
  useBackend(backend);

  it('is cross-entropy with the class that the teacher decides for, smoothed or not', () => {
    const decided = tf.argMax(teacher(), 1) as tf.Tensor1D;
    for (const options of [{}, { labelSmoothing: 0.2 }]) {
      const loss = (x: tf.Tensor2D) => hardDistillationLoss(x, teacher(), undefined, options);
      const expected = (x: tf.Tensor2D) => crossEntropy(x, decided, options);
      expect(numberOf(loss(student()))).toBe(numberOf(expected(student())));
      expect(apart(gradientOf(loss, student()), gradientOf(expected, student()))).toBe(0);
    }
  });

  it('does not read the labels', () => {
    const [wrong, right] = [tf.zeros<tf.Rank.R1>([4], 'int32'), labels()];
    const losses = [wrong, right].map((y) => numberOf(hardDistillationLoss(student(), teacher(), y)));
    expect(losses[0]).toBe(losses[1]);
  });

  // GPU backends find the largest value in parallel.
  if (['cpu', 'wasm'].includes(backend))
    it('takes the first class of those that tie', () => {
      const loss = hardDistillationLoss(tf.tensor2d([[0, 1, 2]]), tf.tensor2d([[1, 5, 5]]));
      expect(numberOf(loss)).toBeCloseTo(Math.log(1 + Math.E + Math.E ** 2) - 1, 5);
    });
});
