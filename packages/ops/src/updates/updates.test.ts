import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { onEachBackend } from '../testing/backends.ts';
import { adamReference, sgdReference } from '../testing/references/updates.ts';
import { adamUpdate } from './adam-update.ts';
import { clipByGlobalNorm } from './clip-by-global-norm.ts';
import { emaUpdate } from './ema-update.ts';
import { globalNorm } from './global-norm.ts';
import { sgdUpdate } from './sgd-update.ts';

const STEPS = Array.from({ length: 20 }, (_, i) => i + 1);
const gradientAt = (step: number): number => Math.sin(step) * 3;
const numberOf = (tensor: tf.Tensor | undefined): number => tensor!.dataSync()[0]!;

onEachBackend('adamUpdate', () => {
  it.each([0, 0.1])('follows the reference in doubles, weight decay %d', (weightDecay) => {
    const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay };
    let numbers: [number, number, number] = [0.5, 0, 0];
    let tensors: [tf.Tensor, tf.Tensor, tf.Tensor] = [tf.tensor1d([0.5]), tf.zeros([1]), tf.zeros([1])];
    for (const step of STEPS) {
      numbers = adamReference(numbers, gradientAt(step), { ...options, step });
      tensors = adamUpdate(tensors[0], tf.tensor1d([gradientAt(step)]), tensors[1], tensors[2], { ...options, step });
      numbers.forEach((number, i) => {
        expect(numberOf(tensors[i])).toBeCloseTo(number, 5);
      });
    }
  });

  it('changes none of its inputs and leaves three tensors behind', () => {
    const inputs = [1, 2, 3, 4].map((x) => tf.tensor1d([x])) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const before = tf.memory().numTensors;
    const attributes = { learningRate: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, step: 3 };
    const result = adamUpdate(...inputs, attributes);
    expect(tf.memory().numTensors).toBe(before + 3);
    expect(inputs.map(numberOf)).toEqual([1, 2, 3, 4]);
    tf.dispose(result);
  });
});

onEachBackend('sgdUpdate', () => {
  it.each([
    {},
    { weightDecay: 0.1 },
    { momentum: 0.9 },
    { momentum: 0.9, weightDecay: 0.1 },
    { momentum: 0.8, nesterov: true, weightDecay: 0.1 },
  ])('follows the reference in doubles: %j', (more) => {
    const attributes = { learningRate: 0.01, ...more };
    let numbers: [number, number] = [0.5, 0];
    let value: tf.Tensor = tf.tensor1d([0.5]);
    let velocity: tf.Tensor = tf.zeros([1]);
    for (const step of STEPS) {
      const gradient = tf.tensor1d([gradientAt(step)]);
      numbers = sgdReference(numbers, gradientAt(step), attributes);
      if ('momentum' in more) [value, velocity] = sgdUpdate(value, gradient, velocity, attributes);
      else [value] = sgdUpdate(value, gradient, undefined, attributes);
      expect(numberOf(value)).toBeCloseTo(numbers[0], 5);
      if ('momentum' in more) expect(numberOf(velocity)).toBeCloseTo(numbers[1], 4);
    }
  });

  it('refuses a velocity that does not go with momentum', () => {
    const x = tf.zeros([1]);
    expect(() => sgdUpdate(x, x, x, { learningRate: 1 })).toThrow(
      'sgdUpdate: momentum is 0, so there must be no velocity',
    );
    expect(() => sgdUpdate(x, x, undefined, { learningRate: 1, momentum: 0.9 })).toThrow(
      'sgdUpdate: momentum is 0.9, so there must be a velocity',
    );
  });
});

onEachBackend('emaUpdate, globalNorm and clipByGlobalNorm', () => {
  it('average', () => {
    const average = emaUpdate(tf.tensor1d([1, -2]), tf.tensor1d([3, 2]), 0.9);
    Array.from(average.dataSync()).forEach((value, i) => {
      expect(value).toBeCloseTo([1.2, -1.6][i]!, 6);
    });
  });

  it('measure', () => {
    expect(
      numberOf(
        globalNorm([
          tf.tensor2d([
            [1, 2],
            [3, 4],
          ]),
          tf.scalar(-5),
        ]),
      ),
    ).toBeCloseTo(Math.sqrt(55), 5);
    expect(numberOf(globalNorm([]))).toBe(0);
  });

  it('clip what is longer, and keep the bits of what is not', () => {
    const tensors = [tf.tensor1d([0.1, 4]), tf.scalar(3)];
    const long = clipByGlobalNorm(tensors, 0.5);
    expect(numberOf(globalNorm(long.clipped))).toBeCloseTo(0.5, 5);
    expect(numberOf(long.norm)).toBeCloseTo(Math.sqrt(25.01), 5);
    const { clipped } = clipByGlobalNorm(tensors, 6);
    expect(clipped.map((each) => Array.from(each.dataSync()))).toEqual(
      tensors.map((each) => Array.from(each.dataSync())),
    );
    expect(() => clipByGlobalNorm(tensors, 0)).toThrow('clipByGlobalNorm: maxNorm must be > 0, got 0');
  });

  it('leave no tensor behind but their results', () => {
    const tensors = [tf.tensor1d([0.1, 4]), tf.tensor1d([1, 2])] as const;
    const before = tf.memory().numTensors;
    const results = [clipByGlobalNorm(tensors, 1), emaUpdate(...tensors, 0.5), globalNorm(tensors)];
    expect(tf.memory().numTensors).toBe(before + 5);
    tf.dispose(results);
  });
});
