import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { apart, gradientOf, numberOf } from '../testing/distributions.ts';
import { drawValues } from '../testing/draw.ts';
import { student, teacher } from '../testing/goldens.ts';
import { klDivergenceLoss } from './kl-divergence-loss.ts';
import { softTargetCrossEntropy } from './soft-target-cross-entropy.ts';
import { sparseDistillationLoss } from './sparse-distillation-loss.ts';
import { topKTargets } from './top-k-targets.ts';

describe.each(backends)('topKTargets on %s', (backend) => {
  useBackend(backend);

  it('gives the largest first, softened', () => {
    const logits = tf.log(tf.tensor2d([[0.1, 0.4, 0.2, 0.3]]));
    const { probabilities, indices } = topKTargets(logits as tf.Tensor2D, 3);
    expect(indices.dtype).toBe('int32');
    expect(indices.arraySync()).toEqual([[1, 3, 2]]);
    expect(apart(probabilities, tf.tensor2d([[0.4, 0.3, 0.2]]))).toBeLessThan(1e-6);
    const flat = topKTargets(logits as tf.Tensor2D, 1, { temperature: 1e4 });
    expect(numberOf(flat.probabilities)).toBeCloseTo(0.25, 4);
  });

  it('leaves two tensors behind', () => {
    const logits = teacher();
    const before = tf.memory().numTensors;
    const { probabilities, indices } = topKTargets(logits, 2);
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([probabilities, indices]);
  });
});

describe.each(backends)('sparseDistillationLoss on %s', (backend) => {
  useBackend(backend);

  it.each([1, 3])(
    'has the gradient of klDivergenceLoss where all classes are kept, at temperature %d',
    (temperature) => {
      const targets = topKTargets(teacher(), 7, { temperature });
      const sparse = (x: tf.Tensor2D) => sparseDistillationLoss(x, targets, undefined, { temperature });
      const whole = (x: tf.Tensor2D) => klDivergenceLoss(x, teacher(), undefined, { temperature });
      expect(apart(gradientOf(sparse, student()), gradientOf(whole, student()))).toBeLessThan(1e-6);
      const entropy = numberOf(sparse(teacher()));
      expect(numberOf(sparse(student())) - entropy).toBeCloseTo(numberOf(whole(student())), 4);
    },
  );

  it.each([
    ['1', 1],
    ['10', 10],
    ['999', 999],
  ])('spreads what is left over the others of 1000 classes, with %s kept', (_, k) => {
    const draw = (seed: number) => tf.tensor2d(drawValues(seed, [2, 1000], -4, 4), [2, 1000]);
    const [s, t] = [draw(1), draw(2)];
    const { probabilities, indices } = topKTargets(t, k);
    const [p, places] = [probabilities.arraySync(), indices.arraySync()];
    const whole = p.map((row, i) => {
      const rest = (1 - row.reduce((sum, value) => sum + value, 0)) / (1000 - k);
      const dense = new Array<number>(1000).fill(rest);
      row.forEach((value, j) => {
        dense[places[i]![j]!] = value;
      });
      return dense;
    });
    const loss = (x: tf.Tensor2D) => sparseDistillationLoss(x, { probabilities, indices });
    const dense = (x: tf.Tensor2D) => softTargetCrossEntropy(x, tf.tensor2d(whole));
    expect(numberOf(loss(s))).toBeCloseTo(numberOf(dense(s)), 4);
    expect(apart(gradientOf(loss, s), gradientOf(dense, s))).toBeLessThan(1e-6);
  });

  it('takes probabilities that rounding makes more than 1', () => {
    const targets = { probabilities: tf.tensor2d([[0.7, 0.31]]), indices: tf.tensor2d([[2, 0]], [1, 2], 'int32') };
    const gradient = gradientOf((x) => sparseDistillationLoss(x, targets), tf.zeros([1, 4]));
    expect(apart(gradient, tf.tensor2d([[1.01 / 4 - 0.31, 1.01 / 4, 1.01 / 4 - 0.7, 1.01 / 4]]))).toBeLessThan(1e-6);
  });

  it('leaves only its result behind', () => {
    const [s, targets] = [student(), topKTargets(teacher(), 2)];
    const before = tf.memory().numTensors;
    sparseDistillationLoss(s, targets).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
