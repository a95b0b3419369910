import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { apart, gradientOf, numberOf } from '../testing/distributions.ts';
import { student, teacher } from '../testing/goldens.ts';
import { klDivergenceLoss } from './kl-divergence-loss.ts';
import { reverseKlDivergenceLoss } from './reverse-kl-divergence-loss.ts';

describe.each(backends)('reverseKlDivergenceLoss on %s', (backend) => {
  useBackend(backend);

  it.each([1, 4, 50])('is the divergence with the two exchanged, at temperature %d', (temperature) => {
    const options = { temperature };
    const loss = numberOf(reverseKlDivergenceLoss(student(), teacher(), undefined, options));
    expect(loss).toBeCloseTo(numberOf(klDivergenceLoss(teacher(), student(), undefined, options)), 4);
  });

  it('takes a class that both mask by -Infinity as one that is not there', () => {
    const loss = (x: tf.Tensor2D) => reverseKlDivergenceLoss(x, tf.tensor2d([[0, -Infinity, 2]]));
    const without = (x: tf.Tensor2D) => reverseKlDivergenceLoss(x, tf.tensor2d([[0, 2]]));
    const [masked, two] = [tf.tensor2d([[1, -Infinity, 0]]), tf.tensor2d([[1, 0]])];
    expect(numberOf(loss(masked))).toBeCloseTo(numberOf(without(two)), 6);
    const [first, second] = gradientOf(without, two).dataSync();
    expect(apart(gradientOf(loss, masked), tf.tensor2d([[first!, 0, second!]]))).toBe(0);
  });

  it('is infinite where the teacher alone rules a class out', () => {
    expect(numberOf(reverseKlDivergenceLoss(tf.zeros([1, 3]), tf.tensor2d([[0, -Infinity, 2]])))).toBe(Infinity);
  });
});
