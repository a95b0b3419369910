import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { apart, gradientOf, numberOf } from '../testing/distributions.ts';
import { student, teacher } from '../testing/goldens.ts';
import { klDivergenceLoss } from './kl-divergence-loss.ts';
import { logitStandardizationLoss } from './logit-standardization-loss.ts';
import { standardizeLogits } from './standardize-logits.ts';

describe.each(backends)('standardizeLogits on %s', (backend) => {
  useBackend(backend);

  it('has mean 0 and the unbiased deviation 1 in each row', () => {
    const z = standardizeLogits(student());
    expect(apart(tf.mean(z, 1), tf.zeros([4]))).toBeLessThan(1e-6);
    expect(apart(tf.div(tf.sum(tf.square(z), 1), 6), tf.ones([4]))).toBeLessThan(1e-5);
  });

  it.each([1e-3, 1, 1e3])('does not see the size of logits, times %d', (scale) => {
    const scaled = tf.add(tf.mul(student(), scale), scale) as tf.Tensor2D;
    expect(apart(standardizeLogits(scaled), standardizeLogits(student()))).toBeLessThan(1e-3);
  });

  it.each([0, 0.1, 3.3, 1e4])('makes zeros of a row of equal logits, %d, without gradient', (value) => {
    const logits = tf.fill([2, 7], value) as tf.Tensor2D;
    expect(apart(standardizeLogits(logits), tf.zeros([2, 7]))).toBe(0);
    const gradient = gradientOf(
      (x) => tf.sum(tf.mul(standardizeLogits(x), tf.slice2d(student(), [0, 0], [2, 7]))),
      logits,
    );
    expect(apart(gradient, tf.zeros([2, 7]))).toBe(0);
  });

  it('makes logitStandardizationLoss of klDivergenceLoss', () => {
    const composed = (x: tf.Tensor2D) =>
      klDivergenceLoss(standardizeLogits(x), standardizeLogits(teacher()), undefined, { temperature: 2 });
    const loss = (x: tf.Tensor2D) => logitStandardizationLoss(x, teacher());
    expect(numberOf(composed(student()))).toBe(numberOf(loss(student())));
    expect(apart(gradientOf(composed, student()), gradientOf(loss, student()))).toBe(0);
  });

  it('leaves one tensor behind', () => {
    const logits = student();
    const before = tf.memory().numTensors;
    standardizeLogits(logits).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
