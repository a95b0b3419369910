import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backends, tolerance, useBackend } from '../testing/backends.ts';
import { apart, drawLogits, gradientOf, numberOf, seeds } from '../testing/distributions.ts';
import { labels, student, teacher } from '../testing/goldens.ts';
import { type DkdOptions, dkdLoss } from './dkd-loss.ts';
import { klDivergenceLoss } from './kl-divergence-loss.ts';

const y = (...values: number[]) => tf.tensor1d(values, 'int32');

describe.each(backends)('dkdLoss on %s', (backend) => {
  useBackend(backend);

  it('has klDivergenceLoss as its parts, weighted 1 and 1 - p[y] in each sample', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(1, 4, 20), (seed, temperature) => {
        const [s, t] = drawLogits(seed);
        const classes = y(0, 4, 2, 1, 3, 0);
        const part = (options: DkdOptions) => (x: tf.Tensor2D) =>
          dkdLoss(x, t, classes, { ...options, temperature, reduction: 'none' });
        const target = part({ tckdWeight: 1, nckdWeight: 0 });
        const others = part({ tckdWeight: 0, nckdWeight: 1 });
        const p = tf.softmax(tf.div(t, temperature)).arraySync() as number[][];
        const weights = tf.sub(1, tf.tensor1d(p.map((row, i) => row[classes.dataSync()[i]!]!)));
        const parts = (x: tf.Tensor2D) => tf.add(target(x), tf.mul(others(x), weights));
        const whole = (x: tf.Tensor2D) => klDivergenceLoss(x, t, undefined, { temperature, reduction: 'none' });
        const scale = numberOf(tf.max(whole(s)));
        expect(apart(parts(s), whole(s))).toBeLessThan(tolerance() * scale);
        expect(apart(gradientOf(parts, s), gradientOf(whole, s))).toBeLessThan(tolerance() * temperature);
      }),
      { numRuns: 30 },
    );
  });

  it('stays right where the teacher is sure', () => {
    const loss = (x: tf.Tensor2D) => dkdLoss(x, tf.tensor2d([[500, 1, 0]]), y(0), { temperature: 1 });
    const s = tf.tensor2d([[500, 0, 1]]);
    // p' = softmax(1, 0), q' = softmax(0, 1): KL = tanh(1 / 2)
    expect(numberOf(loss(s))).toBeCloseTo(8 * Math.tanh(0.5), 5);
    const [first, second, third] = gradientOf(loss, s).dataSync();
    expect(first).toBe(0);
    expect(second).toBeCloseTo(-8 * Math.tanh(0.5), 5);
    expect(third).toBeCloseTo(8 * Math.tanh(0.5), 5);
  });

  it('leaves out what has no label', () => {
    const ignoring = (x: tf.Tensor2D) => dkdLoss(x, teacher(), y(0, -100, 6, -100), { ignoreIndex: -100 });
    const weighted = (x: tf.Tensor2D) => dkdLoss(x, teacher(), labels(), { sampleWeights: tf.tensor1d([1, 0, 1, 0]) });
    expect(numberOf(ignoring(student()))).toBeCloseTo(numberOf(weighted(student())), 3);
    expect(apart(gradientOf(ignoring, student()), gradientOf(weighted, student()))).toBeLessThan(1e-4);
  });
});
