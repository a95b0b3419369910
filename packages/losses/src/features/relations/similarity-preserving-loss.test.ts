import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, tolerance, useBackend } from '../../testing/backends.ts';
import { draws, expectTensor } from '../../testing/gradients.ts';
import { similarityPreservingLoss } from './similarity-preserving-loss.ts';

describe.each(backends)('similarityPreservingLoss on %s', (backend) => {
  useBackend(backend);

  it('does not see the scale of all features, but that of one sample', () => {
    tf.tidy(() => {
      const [s, t] = [draws(1, [4, 5]), draws(2, [4, 3])];
      const loss = (x: tf.Tensor) => similarityPreservingLoss(x, t);
      expectTensor(loss(tf.mul(s, 1000)), loss(s), tolerance());
      const one = loss(tf.mul(s, [[3], [1], [1], [1]]));
      expect(Math.abs(one.dataSync()[0]! / loss(s).dataSync()[0]! - 1)).toBeGreaterThan(0.01);
    });
  });

  it('leaves the similarities of a row of zeros 0', () => {
    tf.tidy(() => {
      const s = tf.tensor2d([
        [2, 0],
        [0, 0],
        [0, 1],
      ]);
      const t = tf.tensor2d([[0], [3], [4]]);
      // G_s = diag(1, 0, 1); G_t has the rows [0, 0, 0] and twice [0, 3/5, 4/5].
      expectTensor(similarityPreservingLoss(s, t), tf.scalar((1 + 1 + 0.36 + 0.04) / 9), tolerance());
    });
  });
});
