import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { numberOf } from '../testing/distributions.ts';
import { student, teacher } from '../testing/goldens.ts';
import { logitMseLoss } from './logit-mse-loss.ts';

describe.each(backends)('logitMseLoss on %s', (backend) => {
  useBackend(backend);

  it('is the centred loss plus the squared difference of the means', () => {
    const [plain, centred] = [false, true].map((centered) =>
      numberOf(logitMseLoss(student(), teacher(), undefined, { centered })),
    );
    const means = numberOf(tf.mean(tf.square(tf.mean(tf.sub(student(), teacher()), 1))));
    expect(plain).toBeCloseTo(centred! + means, 4);
  });

  it('sees how far rows are shifted unless centered', () => {
    const shifted = tf.add(teacher(), 3) as tf.Tensor2D;
    expect(numberOf(logitMseLoss(shifted, teacher()))).toBeCloseTo(9, 4);
    expect(numberOf(logitMseLoss(shifted, teacher(), undefined, { centered: true }))).toBeCloseTo(0, 6);
  });
});
