import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { dropout } from './dropout.ts';
import { expectSameGradients, onEachBackend } from './testing/gradients.ts';

const makeX = () => tf.randomNormal([4, 6], 0, 1, 'float32', 1);
const makeMask = () => tf.cast(tf.greater(tf.randomUniform([4, 6], 0, 1, 'float32', 2), 0.3), 'float32');

onEachBackend('dropout', () => {
  it('has the value and gradient of the formula', () => {
    const mask = makeMask();
    expectSameGradients(
      (input) => dropout(input, mask, 0.3),
      (input) => tf.div(tf.mul(input, mask), 0.7),
      [makeX()],
    );
  });

  it('names what does not fit', () => {
    const [x, mask] = [makeX(), makeMask()];
    expect(() => dropout(x, tf.ones([4, 5]), 0.5)).toThrow('dropout: x [4,6] and mask [4,5] must have the same shape');
    expect(() => dropout(x, mask, 1)).toThrow('dropout: rate must be in [0, 1), got 1');
  });
});
