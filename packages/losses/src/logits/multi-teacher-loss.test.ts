import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { apart, gradientOf, numberOf } from '../testing/distributions.ts';
import { input, student, teacher } from '../testing/goldens.ts';
import { klDivergenceLoss } from './kl-divergence-loss.ts';
import { type MultiTeacherOptions, multiTeacherLoss } from './multi-teacher-loss.ts';

const both = (options: MultiTeacherOptions) =>
  numberOf(multiTeacherLoss(student(), [teacher(), input('t2')], undefined, options));

describe.each(backends)('multiTeacherLoss on %s', (backend) => {
  useBackend(backend);

  describe.each(['arithmetic', 'geometric'] as const)('with the %s mean', (mean) => {
    it.each([1, 3])('is klDivergenceLoss where %d teachers are one', (count) => {
      const teachers = Array.from({ length: count }, teacher);
      const loss = (x: tf.Tensor2D) => multiTeacherLoss(x, teachers, undefined, { mean });
      const expected = (x: tf.Tensor2D) => klDivergenceLoss(x, teacher());
      expect(numberOf(loss(student()))).toBeCloseTo(numberOf(expected(student())), 4);
      expect(apart(gradientOf(loss, student()), gradientOf(expected, student()))).toBeLessThan(1e-5);
    });

    it('depends on the proportion of the weights alone', () => {
      expect(both({ mean, teacherWeights: [3, 3] })).toBeCloseTo(both({ mean }), 5);
      expect(both({ mean, teacherWeights: [1, 3] })).toBeCloseTo(both({ mean, teacherWeights: [0.25, 0.75] }), 5);
      const one = numberOf(klDivergenceLoss(student(), teacher()));
      expect(both({ mean, teacherWeights: [1, 1e-7] })).toBeCloseTo(one, 4);
    });

    it('takes a class that all mask by -Infinity as one that is not there', () => {
      const teachers = [tf.tensor2d([[0, -Infinity, 2]]), tf.tensor2d([[1, -Infinity, 0]])];
      const masked = multiTeacherLoss(tf.tensor2d([[1, -Infinity, 0]]), teachers, undefined, { mean });
      const without = multiTeacherLoss(
        tf.tensor2d([[1, 0]]),
        [tf.tensor2d([[0, 2]]), tf.tensor2d([[1, 0]])],
        undefined,
        {
          mean,
        },
      );
      expect(numberOf(masked)).toBeCloseTo(numberOf(without), 5);
    });
  });

  it('keeps what one teacher finds likely in the arithmetic mean only', () => {
    const teachers = [tf.tensor2d([[50, 0, 0]]), tf.tensor2d([[0, 50, 0]])];
    const towards = (mean: 'arithmetic' | 'geometric') =>
      Array.from(
        gradientOf(
          (x) => multiTeacherLoss(x, teachers, undefined, { mean, temperature: 1 }),
          tf.zeros([1, 3]),
        ).dataSync(),
        (value) => 1 / 3 - value, // the mean distribution
      );
    [0.5, 0.5, 0].forEach((p, i) => void expect(towards('arithmetic')[i]).toBeCloseTo(p, 6));
    const equal = numberOf(multiTeacherLoss(tf.tensor2d([[25, 25, 0]]), teachers, undefined, { mean: 'geometric' }));
    expect(equal).toBeCloseTo(0, 6);
  });
});
