import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../../testing/backends.ts';
import { input } from '../../testing/goldens.ts';
import { hintLoss } from './hint-loss.ts';
import { vidLoss } from './vid-loss.ts';

/** The raw scale of a variance. */
const rawOf = (variance: number) => Math.log(Math.expm1(variance - 1e-5));

describe.each(backends)('vidLoss on %s', (backend) => {
  useBackend(backend);

  it('is half the squared error at variances of 1', () => {
    const [s, t, rawScale] = [input('fs'), input('ft'), tf.fill([6], rawOf(1)) as tf.Tensor1D];
    expect(vidLoss(s, t, undefined, { rawScale }).dataSync()[0]).toBeCloseTo(hintLoss(s, t).dataSync()[0]! / 2, 5);
  });

  it("is at its minimum in a channel's variance where that is the mean squared error", () => {
    const [s, t] = [input('fs'), input('ft')];
    const errors = Array.from(tf.mean(tf.square(tf.sub(s, t)), [0, 1, 2]).dataSync());
    const gradient = tf.grad((raw: tf.Tensor) => vidLoss(s, t, undefined, { rawScale: raw as tf.Tensor1D }))(
      tf.tensor1d(errors.map(rawOf)),
    );
    expect(Math.max(...gradient.dataSync().map(Math.abs))).toBeLessThan(1e-5);
  });

  it.each([-100, 100])('is finite for a raw scale of %d', (raw) => {
    const grads = tf.grads((s, rawScale) => vidLoss(s, input('ft'), undefined, { rawScale: rawScale as tf.Tensor1D }));
    for (const gradient of grads([input('fs'), tf.fill([6], raw)])) {
      expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    }
  });

  it.each<[string, () => unknown, string]>([
    [
      'no raw scale',
      () => vidLoss(input('fs'), input('ft'), undefined, {} as never),
      'vidLoss: rawScale must be float32 [6], one for each channel, got undefined',
    ],
    [
      'a raw scale for all, which TF.js would broadcast',
      () => vidLoss(input('fs'), input('ft'), undefined, { rawScale: tf.tensor1d([1]) }),
      'got float32 [1]',
    ],
    [
      'other channels',
      () => vidLoss(input('fs'), input('ft8'), undefined, { rawScale: tf.zeros([6]) }),
      'vidLoss: teacherFeatures must be float32 [4, 4, 4, 6] as studentFeatures, got float32 [4, 2, 2, 8]',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
