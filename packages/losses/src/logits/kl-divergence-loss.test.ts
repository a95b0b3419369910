import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { apart, drawLogits, gradientOf, numberOf, seeds } from '../testing/distributions.ts';
import { klDivergenceLoss } from './kl-divergence-loss.ts';
import { logitMseLoss } from './logit-mse-loss.ts';

describe.each(backends)('klDivergenceLoss on %s', (backend) => {
  useBackend(backend);

  it('is positive, and 0 only where the distributions are equal', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.1, max: 100, noNaN: true }), (seed, temperature) => {
        const [s, t] = drawLogits(seed);
        const rows = klDivergenceLoss(s, t, undefined, { temperature, reduction: 'none' });
        expect(numberOf(tf.min(rows))).toBeGreaterThan(0);
        expect(numberOf(klDivergenceLoss(tf.add(t, 8), t, undefined, { temperature }))).toBeLessThan(1e-6);
      }),
    );
  });

  it('is half the centred squared error of the logits at the highest temperatures, as is its gradient', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [s, t] = drawLogits(seed);
        const soft = (x: tf.Tensor2D) => klDivergenceLoss(x, t, undefined, { temperature: 1000 });
        const squared = (x: tf.Tensor2D) => tf.mul(logitMseLoss(x, t, undefined, { centered: true }), 0.5);
        expect(numberOf(soft(s)) / numberOf(squared(s))).toBeCloseTo(1, 2);
        expect(apart(gradientOf(soft, s), gradientOf(squared, s))).toBeLessThan(2e-3);
      }),
      { numRuns: 20 },
    );
  });
});
