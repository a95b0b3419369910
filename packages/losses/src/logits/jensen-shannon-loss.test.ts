import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backends, tolerance, useBackend } from '../testing/backends.ts';
import { apart, drawLogits, gradientOf, numberOf, seeds } from '../testing/distributions.ts';
import { expectGolden, golden, student, teacher } from '../testing/goldens.ts';
import { jensenShannonLoss } from './jensen-shannon-loss.ts';
import { klDivergenceLoss } from './kl-divergence-loss.ts';
import { reverseKlDivergenceLoss } from './reverse-kl-divergence-loss.ts';

const divergence = (s: tf.Tensor2D, t: tf.Tensor2D, teacherWeight: number) =>
  numberOf(jensenShannonLoss(s, t, undefined, { teacherWeight }));

describe.each(backends)('jensenShannonLoss on %s', (backend) => {
  useBackend(backend);

  it('does not change when the two are exchanged with their weights, and is at most log 2', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (seed, weight) => {
        const [s, t] = drawLogits(seed);
        const loss = divergence(s, t, weight);
        expect(divergence(t, s, 1 - weight) / loss).toBeCloseTo(1, 4);
        expect(loss).toBeLessThanOrEqual(Math.LN2);
      }),
      { numRuns: 30 },
    );
  });

  it('is log 2, without gradient, where nothing is shared', () => {
    const [s, t] = [tf.tensor2d([[1e4, -1e4]]), tf.tensor2d([[-1e4, 1e4]])];
    expect(divergence(s, t, 0.5)).toBeCloseTo(Math.LN2, 6);
    expect(
      apart(
        gradientOf((x) => jensenShannonLoss(x, t), s),
        tf.zeros([1, 2]),
      ),
    ).toBe(0);
  });

  it('nears the divergences at the ends of its weight', () => {
    const options = { temperature: 1 };
    const forward = numberOf(klDivergenceLoss(student(), teacher(), undefined, options));
    const reverse = numberOf(reverseKlDivergenceLoss(student(), teacher(), undefined, options));
    expect(divergence(student(), teacher(), 1e-5) / 1e-5 / forward).toBeCloseTo(1, 2);
    expect(divergence(student(), teacher(), 1 - 1e-4) / 1e-4 / reverse).toBeCloseTo(1, 1);
  });

  it('takes a class that both mask by -Infinity as one that is not there', () => {
    const loss = (x: tf.Tensor2D) => jensenShannonLoss(x, tf.tensor2d([[0, -Infinity, 2]]));
    const without = (x: tf.Tensor2D) => jensenShannonLoss(x, tf.tensor2d([[0, 2]]));
    const [masked, two] = [tf.tensor2d([[1, -Infinity, 0]]), tf.tensor2d([[1, 0]])];
    expect(numberOf(loss(masked))).toBeCloseTo(numberOf(without(two)), 6);
    const [first, second] = gradientOf(without, two).dataSync();
    expect(apart(gradientOf(loss, masked), tf.tensor2d([[first!, 0, second!]]))).toBe(0);
  });

  it('is not multiplied by temperature^2', async () => {
    const at = (temperature: number) => (x: tf.Tensor2D) =>
      jensenShannonLoss(x, teacher(), undefined, { teacherWeight: 0.1, temperature });
    await expectGolden(at(4), golden('gjsd_b0.1_T4'), tolerance());
    expect(numberOf(at(100)(student()))).toBeLessThan(1e-3);
  });
});
