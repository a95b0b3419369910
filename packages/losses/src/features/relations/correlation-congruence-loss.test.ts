import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, tolerance, useBackend } from '../../testing/backends.ts';
import { draws, expectTensor } from '../../testing/gradients.ts';
import { correlationCongruenceLoss } from './correlation-congruence-loss.ts';

describe.each(backends)('correlationCongruenceLoss on %s', (backend) => {
  useBackend(backend);

  it('comes to the Gaussian kernel itself with higher orders', () => {
    tf.tidy(() => {
      const [s, t] = [draws(1, [5, 3]) as tf.Tensor2D, draws(2, [5, 4]) as tf.Tensor2D];
      const gamma = 0.7;
      const kernel = (x: number[][]) => {
        const rows = x.map((row) => row.map((value) => value / Math.hypot(...row)));
        return rows.flatMap((a) =>
          rows.map((b) => Math.exp(-gamma * a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0))),
        );
      };
      const [a, b] = [kernel(s.arraySync()), kernel(t.arraySync())];
      const expected = a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / 25;
      const loss = correlationCongruenceLoss(s, t, undefined, { gamma, order: 12 });
      expectTensor(loss, tf.scalar(expected), tolerance());
    });
  });

  it('names options that are out of range', () => {
    tf.tidy(() => {
      const x = draws(1, [2, 3]);
      const call = (options: object) => () => correlationCongruenceLoss(x, x, undefined, options);
      expect(call({ gamma: 0 })).toThrow('correlationCongruenceLoss: gamma must be > 0, got 0');
      expect(call({ order: 1.5 })).toThrow('correlationCongruenceLoss: order must be a whole number > 0, got 1.5');
      expect(call({ sigma: 1 })).toThrow('sigma is none of gamma, order, mask');
    });
  });
});
