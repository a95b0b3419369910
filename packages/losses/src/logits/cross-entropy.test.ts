import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { apart, gradientOf, numberOf } from '../testing/distributions.ts';
import { expectGolden, golden, labels, student } from '../testing/goldens.ts';
import { crossEntropy } from './cross-entropy.ts';

describe.each(backends)('crossEntropy on %s', (backend) => {
  useBackend(backend);

  it('matches torch in value and gradient', async () => {
    await expectGolden((logits: tf.Tensor2D) => crossEntropy(logits, labels()), golden('ce'));
  });

  it('matches timm with label smoothing in value and gradient', async () => {
    await expectGolden(
      (logits: tf.Tensor2D) => crossEntropy(logits, labels(), { labelSmoothing: 0.1 }),
      golden('label_smoothing_0.1'),
    );
  });

  it('reduces as named', () => {
    const rows = crossEntropy(student(), labels(), { reduction: 'none' });
    expect(rows.shape).toEqual([4]);
    const [mean] = crossEntropy(student(), labels()).dataSync();
    const [sum] = crossEntropy(student(), labels(), { reduction: 'sum' }).dataSync();
    expect(tf.sum(rows).dataSync()[0]!).toBeCloseTo(sum!, 5);
    expect(sum! / 4).toBeCloseTo(mean!, 6);
  });

  it('stays finite, and right, for huge logits', () => {
    const logits = tf.tensor2d([
      [1e4, -1e4],
      [-1e4, 1e4],
    ]);
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
      crossEntropy(x as tf.Tensor2D, tf.tensor1d([0, 0], 'int32')),
    )(logits);
    expect(value.dataSync()[0]).toBe(1e4); // the mean of 0 and 2e4
    expect(Array.from(grad.dataSync())).toEqual([0, 0, -0.5, 0.5]);
  });

  it('takes a class that is masked by -Infinity', () => {
    const logits = tf.tensor2d([[1, -Infinity, 1]]);
    const loss = (x: tf.Tensor) => crossEntropy(x as tf.Tensor2D, tf.tensor1d([0], 'int32'));
    const { value, grad } = tf.valueAndGrad(loss)(logits);
    expect(value.dataSync()[0]).toBeCloseTo(Math.log(2), 6);
    expect(Array.from(grad.dataSync())).toEqual([-0.5, 0, 0.5]);
  });

  it.each([
    ['sampleWeights', () => ({ sampleWeights: tf.tensor1d([2, 0, 2, 0]) }), () => labels()],
    ['mask', () => ({ mask: tf.tensor1d([true, false, true, false], 'bool') }), () => labels()],
    ['ignoreIndex', () => ({ ignoreIndex: -100 }), () => tf.tensor1d([0, -100, 6, -100], 'int32')],
    [
      'all three',
      () => ({
        sampleWeights: tf.tensor1d([2, 0, 2, 5]),
        mask: tf.tensor1d([true, true, true, false], 'bool'),
        ignoreIndex: 3,
      }),
      () => labels(),
    ],
  ])('counts the samples that %s leaves', (_, options, known) => {
    const counted = (x: tf.Tensor2D) => crossEntropy(x, known(), options());
    const two = (x: tf.Tensor2D) => tf.gather(x, tf.tensor1d([0, 2], 'int32'));
    const expected = crossEntropy(two(student()), tf.tensor1d([0, 6], 'int32'));
    expect(numberOf(counted(student()))).toBeCloseTo(numberOf(expected), 5);
    const gradient = gradientOf(counted, student());
    const rows = gradientOf((x) => crossEntropy(x, tf.tensor1d([0, 6], 'int32')), two(student()));
    expect(apart(two(gradient), rows)).toBeLessThan(1e-6);
    expect(apart(tf.gather(gradient, tf.tensor1d([1, 3], 'int32')), tf.zeros([2, 7]))).toBe(0);
  });

  it('is 0, without gradient, where all labels are ignored, masked or weigh nothing', () => {
    const ignored = tf.fill<tf.Rank.R1>([4], -1, 'int32');
    for (const loss of [
      (x: tf.Tensor2D) => crossEntropy(x, ignored, { ignoreIndex: -1 }),
      (x: tf.Tensor2D) => crossEntropy(x, labels(), { mask: tf.zeros([4], 'bool') }),
      (x: tf.Tensor2D) => crossEntropy(x, labels(), { sampleWeights: tf.zeros([4]) }),
    ]) {
      expect(numberOf(loss(student()))).toBe(0);
      expect(apart(gradientOf(loss, student()), tf.zeros([4, 7]))).toBe(0);
    }
  });

  it('leaves what does not count out of the sum and as 0 in its row, though it be infinite', () => {
    const logits = tf.tensor2d([
      [1, -Infinity],
      [0, 0],
    ]);
    const options = { mask: tf.tensor1d([false, true], 'bool') };
    const y = tf.tensor1d([1, 1], 'int32');
    expect(numberOf(crossEntropy(logits, y, { ...options, reduction: 'sum' }))).toBeCloseTo(Math.LN2, 6);
    expect(numberOf(crossEntropy(logits, y, { ...options, reduction: 'none' }))).toBe(0);
  });

  it('takes labels that come from the student, some ignored, as constants', () => {
    const guess = (x: tf.Tensor2D) => tf.argMax(x, 1) as tf.Tensor1D;
    const options = { ignoreIndex: 3 };
    const constant = guess(student());
    const expected = gradientOf((x) => crossEntropy(x, constant, options), student());
    expect(
      apart(
        gradientOf((x) => crossEntropy(x, guess(x), options), student()),
        expected,
      ),
    ).toBe(0);
  });

  it('leaves labels unread on request', () => {
    const y = labels();
    const read = vi.spyOn(y, 'dataSync');
    crossEntropy(student(), y, { validateLabels: false });
    expect(read).not.toHaveBeenCalled();
    crossEntropy(student(), y);
    expect(read).toHaveBeenCalledOnce();
  });

  it('leaves one tensor behind', () => {
    const [logits, y] = [student(), labels()];
    const before = tf.memory().numTensors;
    const loss = crossEntropy(logits, y, { labelSmoothing: 0.1 });
    expect(tf.memory().numTensors).toBe(before + 1);
    loss.dispose();
  });

  it.each<[string, () => unknown, string]>([
    [
      'a label out of range',
      () => crossEntropy(student(), tf.tensor1d([0, 7, 1, 2], 'int32')),
      'crossEntropy: label 7 at index 1 is not in [0, 7)',
    ],
    ['a negative label', () => crossEntropy(student(), tf.tensor1d([0, 1, -1, 2], 'int32')), 'label -1 at index 2'],
    [
      'another batch size',
      () => crossEntropy(student(), tf.tensor1d([0, 1], 'int32')),
      'crossEntropy: labels must be int32 [4]',
    ],
    ['float labels', () => crossEntropy(student(), tf.tensor1d([0, 1, 2, 3])), 'got float32 [4]'],
    [
      'one-hot labels',
      () => crossEntropy(student(), student() as never),
      '(tf.argMax(labels, 1) of one-hot ones), got float32 [4, 7]',
    ],
    [
      'an empty batch',
      () => crossEntropy(tf.zeros([0, 3]), tf.tensor1d([], 'int32')),
      'logits must be float32 [batch, classes], got float32 [0, 3]',
    ],
    [
      'smoothing above 1',
      () => crossEntropy(student(), labels(), { labelSmoothing: 1.5 }),
      'labelSmoothing must be in [0, 1], got 1.5',
    ],
    [
      'an unknown reduction',
      () => crossEntropy(student(), labels(), { reduction: 'avg' as never }),
      'reduction must be mean or sum or none, got avg',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
