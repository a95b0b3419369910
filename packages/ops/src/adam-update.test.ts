import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { adamUpdate } from './adam-update.ts';
import { onEachBackend } from './testing/gradients.ts';

onEachBackend('adamUpdate', () => {
  it('follows algorithm 1 of the paper, computed in doubles', () => {
    const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let [value, m, v] = [0.5, 0, 0];
    let tensors: [tf.Tensor, tf.Tensor, tf.Tensor] = [tf.tensor1d([value]), tf.zeros([1]), tf.zeros([1])];
    for (let step = 1; step <= 20; step++) {
      const gradient = Math.sin(step) * 3;
      m = 0.9 * m + 0.1 * gradient;
      v = 0.999 * v + 0.001 * gradient ** 2;
      value -= (0.01 * (m / (1 - 0.9 ** step))) / (Math.sqrt(v / (1 - 0.999 ** step)) + 1e-8);
      tensors = adamUpdate(tensors[0], tf.tensor1d([gradient]), tensors[1], tensors[2], { ...options, step });
      expect(tensors[0].dataSync()[0]).toBeCloseTo(value, 5);
    }
  });

  it('changes none of its inputs and leaves three tensors behind', () => {
    const inputs = [1, 2, 3, 4].map((x) => tf.tensor1d([x]));
    const before = tf.memory().numTensors;
    const result = adamUpdate(inputs[0]!, inputs[1]!, inputs[2]!, inputs[3]!, {
      learningRate: 1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      step: 3,
    });
    expect(tf.memory().numTensors).toBe(before + 3);
    expect(inputs.map((input) => input.dataSync()[0])).toEqual([1, 2, 3, 4]);
    tf.dispose(result);
  });
});
