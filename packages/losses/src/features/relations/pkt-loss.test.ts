import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, tolerance, useBackend } from '../../testing/backends.ts';
import { draws, expectTensor } from '../../testing/gradients.ts';
import { pktLoss } from './pkt-loss.ts';

describe.each(backends)('pktLoss on %s', (backend) => {
  useBackend(backend);

  it('does not see how long rows are', () => {
    tf.tidy(() => {
      const [s, t] = [draws(1, [4, 5]), draws(2, [4, 3])];
      const scaled = tf.mul(s, [[1e-3], [1], [20], [1e4]]);
      expectTensor(pktLoss(scaled, tf.mul(t, 7)), pktLoss(s, t), tolerance());
    });
  });

  it('gives a row of zeros the cosine 0 with every row', () => {
    tf.tidy(() => {
      const s = tf.tensor2d([
        [1, 0],
        [0, 0],
      ]);
      const t = tf.tensor2d([
        [1, 0],
        [1, 0],
      ]);
      // q = [2/3, 1/3] and [1/2, 1/2], p = [1/2, 1/2] twice
      const expected = (0.5 * Math.log(0.5 / (2 / 3)) + 0.5 * Math.log(0.5 / (1 / 3))) / 4;
      expectTensor(pktLoss(s, t), tf.scalar(expected), tolerance());
      const gradient = tf.grad((x: tf.Tensor) => pktLoss(x, t))(s);
      expect([...gradient.dataSync()].map(Math.abs)).toEqual([0, 0, 0, 0]);
    });
  });

  it('keeps its digits where student and teacher are almost alike', () => {
    tf.tidy(() => {
      const t = draws(5, [16, 8]);
      const difference = draws(6, [16, 8]);
      const at = (h: number) => pktLoss(tf.add(t, tf.mul(difference, h)), t).dataSync()[0]!;
      // Quadratic in h.
      expect(at(1e-3) / at(1e-2)).toBeCloseTo(1e-2, 3);
    });
  });

  it('counts opposite directions as 1e-7 near', () => {
    tf.tidy(() => {
      const opposite = tf.tensor2d([[1], [-1]]);
      const same = tf.tensor2d([[1], [1]]);
      const expected = (0.5 * Math.log(0.5 / (1 / (1 + 1e-7))) + 0.5 * Math.log(0.5 / 1e-7)) / 2;
      expectTensor(pktLoss(opposite, same), tf.scalar(expected), tolerance());
      expectTensor(pktLoss(same, opposite), tf.scalar(Math.log(2) / 2), tolerance());
    });
  });
});
