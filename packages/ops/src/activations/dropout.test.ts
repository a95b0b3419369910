import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { onEachBackend } from '../testing/backends.ts';
import { dropout } from './dropout.ts';

onEachBackend('dropout', () => {
  it('names what does not fit', () => {
    const x = tf.ones([4, 6]);
    expect(() => dropout(x, tf.ones([4, 5]), 0.5)).toThrow('dropout: x [4,6] and mask [4,5] must have the same shape');
    expect(() => dropout(x, x, 1)).toThrow('dropout: rate must be in [0, 1), got 1');
  });
});
