import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { apart, gradientOf, numberOf } from '../testing/distributions.ts';
import { expectGolden, golden, labels, student, teacher } from '../testing/goldens.ts';
import { softTargetCrossEntropy } from './soft-target-cross-entropy.ts';

const oneHot = () => tf.cast(tf.oneHot(labels(), 7), 'float32') as tf.Tensor2D;

describe.each(backends)('softTargetCrossEntropy on %s', (backend) => {
  useBackend(backend);

  it('is cross-entropy with one-hot targets, smoothed or not', async () => {
    await expectGolden((x: tf.Tensor2D) => softTargetCrossEntropy(x, oneHot()), golden('ce'));
    const smooth = tf.add(tf.mul(oneHot(), 0.9), 0.1 / 7) as tf.Tensor2D;
    await expectGolden((x: tf.Tensor2D) => softTargetCrossEntropy(x, smooth), golden('label_smoothing_0.1'));
  });

  it('is linear in the targets, in value and gradient, also where they do not sum to 1', () => {
    const targets = tf.softmax(teacher());
    const mixed = tf.add(tf.mul(targets, 0.3), tf.mul(oneHot(), 2)) as tf.Tensor2D;
    const loss = (x: tf.Tensor2D) => softTargetCrossEntropy(x, mixed);
    const parts = (x: tf.Tensor2D) =>
      tf.add(tf.mul(softTargetCrossEntropy(x, targets), 0.3), tf.mul(softTargetCrossEntropy(x, oneHot()), 2));
    expect(numberOf(loss(student())) / numberOf(parts(student()))).toBeCloseTo(1, 5);
    expect(apart(gradientOf(loss, student()), gradientOf(parts, student()))).toBeLessThan(1e-5);
  });

  it('takes a class that is masked by -Infinity', () => {
    const loss = (x: tf.Tensor2D) => softTargetCrossEntropy(x, tf.tensor2d([[1, 0, 0]]));
    const logits = tf.tensor2d([[1, -Infinity, 1]]);
    expect(numberOf(loss(logits))).toBeCloseTo(Math.log(2), 6);
    expect(Array.from(gradientOf(loss, logits).dataSync())).toEqual([-0.5, 0, 0.5]);
  });

  it('leaves only its result behind', () => {
    const [s, targets] = [student(), oneHot()];
    const before = tf.memory().numTensors;
    softTargetCrossEntropy(s, targets).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
