import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { apart, drawLogits, gradientOf, numberOf, seeds } from '../testing/distributions.ts';
import { student, teacher } from '../testing/goldens.ts';
import { distLoss } from './dist-loss.ts';

const none: undefined = undefined;
const largest = (x: tf.Tensor) => numberOf(tf.max(tf.abs(x)));

describe.each(backends)('distLoss on %s', (backend) => {
  useBackend(backend);

  it('is 0 where student and teacher are equal, but for the 1e-8 in its definition', () => {
    expect(Math.abs(numberOf(distLoss(teacher(), teacher())))).toBeLessThan(1e-5);
    expect(largest(gradientOf((x) => distLoss(x, teacher()), teacher()))).toBeLessThan(1e-5);
  });

  it('lies in [0, 4]', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [s, t] = drawLogits(seed);
        expect(numberOf(distLoss(s, t))).toBeGreaterThan(0);
        expect(numberOf(distLoss(s, t))).toBeLessThan(4);
      }),
      { numRuns: 30 },
    );
  });

  it('does not see a line between the probabilities of a row', () => {
    const p = tf.softmax(teacher());
    const flatter = tf.log(tf.add(tf.mul(p, 0.5), 0.5 / 7)) as tf.Tensor2D;
    expect(numberOf(distLoss(flatter, teacher(), none, { intraWeight: 0 }))).toBeLessThan(1e-5);
  });

  it('is 4 where all runs the other way', () => {
    const t = tf.tensor2d([
      [1, 0],
      [0, 1],
    ]);
    expect(numberOf(distLoss(tf.neg(t), t))).toBeCloseTo(4, 5);
  });

  it('has no relation between samples where there is but one: a constant', () => {
    const [s, t] = [tf.tensor2d([[1, 2, 4]]), tf.tensor2d([[3, 1, 2]])];
    const inter = (x: tf.Tensor2D) => distLoss(x, t, none, { intraWeight: 0 });
    const both = (x: tf.Tensor2D) => distLoss(x, t);
    expect(numberOf(both(s))).toBeCloseTo(numberOf(inter(s)) + 1, 6);
    expect(apart(gradientOf(both, s), gradientOf(inter, s))).toBe(0);
  });

  it.each([
    ['student', [7, 7], [-3, 3]],
    ['teacher', [-3, 3], [7, 7]],
  ])('gives no gradient where the %s is constant, however its mean is rounded', (_, [sLow, sHigh], [tLow, tHigh]) => {
    const [s, t] = [
      tf.randomUniform<tf.Rank.R2>([3, 1000], sLow, sHigh, 'float32', 1),
      tf.randomUniform<tf.Rank.R2>([3, 1000], tLow, tHigh, 'float32', 2),
    ];
    expect(numberOf(distLoss(s, t))).toBeCloseTo(2, 6);
    expect(largest(gradientOf((x) => distLoss(x, t), s))).toBe(0);
  });

  it('counts only the samples of the mask, one included', () => {
    const mask = tf.tensor1d([false, false, true, false], 'bool');
    const row = (x: tf.Tensor2D) => tf.slice2d(x, [2, 0], [1, 7]);
    const masked = (x: tf.Tensor2D) => distLoss(x, teacher(), none, { mask });
    const alone = (x: tf.Tensor2D) => distLoss(row(x), row(teacher()));
    expect(numberOf(masked(student()))).toBeCloseTo(numberOf(alone(student())), 6);
    expect(apart(gradientOf(masked, student()), gradientOf(alone, student()))).toBeLessThan(1e-6);
  });
});
