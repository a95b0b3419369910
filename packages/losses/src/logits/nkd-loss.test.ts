import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { apart, gradientOf, numberOf } from '../testing/distributions.ts';
import { labels, student, teacher } from '../testing/goldens.ts';
import { crossEntropy } from './cross-entropy.ts';
import { nkdLoss } from './nkd-loss.ts';

const y = (...values: number[]) => tf.tensor1d(values, 'int32');

describe.each(backends)('nkdLoss on %s', (backend) => {
  useBackend(backend);

  it('is cross-entropy with the label where the teacher is sure of it, but for the second part', () => {
    const sure = tf.mul(tf.cast(tf.oneHot(labels(), 7), 'float32'), 500) as tf.Tensor2D;
    const loss = numberOf(nkdLoss(student(), sure, labels(), { nckdWeight: 0 }));
    expect(loss).toBeCloseTo(numberOf(crossEntropy(student(), labels())), 5);
  });

  it('weighs the label by how sure the teacher is of it, at temperature 1 whatever the option', () => {
    const at = (temperature: number) =>
      numberOf(nkdLoss(student(), teacher(), labels(), { nckdWeight: 0, temperature }));
    expect(at(5)).toBe(at(1));
    const even = numberOf(nkdLoss(student(), tf.zeros([4, 7]), labels(), { nckdWeight: 0 }));
    expect(even).toBeCloseTo(numberOf(crossEntropy(student(), labels())) / 7, 6);
  });

  it('has no gradient from the other classes where they are in proportion', () => {
    const t = tf.tensor2d([[0, 1, 2, 3]]);
    const s = tf.tensor2d([[9, 1, 2, 3]]); // the same but for the label's class
    const loss = (nckdWeight: number) => (x: tf.Tensor2D) => nkdLoss(x, t, y(0), { nckdWeight });
    expect(apart(gradientOf(loss(100), s), gradientOf(loss(0), s))).toBeLessThan(1e-4);
  });

  it('leaves out what has no label', () => {
    const ignoring = (x: tf.Tensor2D) => nkdLoss(x, teacher(), y(0, -1, 6, -1), { ignoreIndex: -1 });
    const masked = (x: tf.Tensor2D) =>
      nkdLoss(x, teacher(), labels(), { mask: tf.tensor1d([true, false, true, false], 'bool') });
    expect(numberOf(ignoring(student()))).toBeCloseTo(numberOf(masked(student())), 4);
    expect(apart(gradientOf(ignoring, student()), gradientOf(masked, student()))).toBeLessThan(1e-5);
  });
});
