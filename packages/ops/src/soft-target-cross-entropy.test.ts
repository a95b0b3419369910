import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { softTargetCrossEntropy } from './soft-target-cross-entropy.ts';
import { onEachBackend } from './testing/backends.ts';

onEachBackend('softTargetCrossEntropy', () => {
  it('is finite for huge logits', () => {
    const huge = tf.tensor2d([[1e4, -1e4, 0]]);
    expect(softTargetCrossEntropy(huge, tf.tensor2d([[0.5, 0.5, 0]])).dataSync()[0]).toBe(1e4);
  });

  it('names shapes that differ', () => {
    expect(() => softTargetCrossEntropy(tf.ones([4, 5]), tf.ones([4, 1]))).toThrow(
      'logits [4,5] and targets [4,1] must both be [batch, classes]',
    );
  });
});
