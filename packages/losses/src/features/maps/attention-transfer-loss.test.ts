import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../../testing/backends.ts';
import { input } from '../../testing/goldens.ts';
import { draws } from '../../testing/gradients.ts';
import { attentionTransferLoss } from './attention-transfer-loss.ts';

const forms = ['code', 'paper'] as const;
const student = () => input<tf.Rank.R4>('fs');
const teacher = () => input<tf.Rank.R4>('ft8');

describe.each(backends)('attentionTransferLoss on %s', (backend) => {
  useBackend(backend);

  it.each([1e-6, 3, 1e4])('does not change when all activations are %d times as large', (factor) => {
    for (const form of forms) {
      const [plain] = attentionTransferLoss(student(), teacher(), undefined, { form }).dataSync();
      const [scaled] = attentionTransferLoss(tf.mul(student(), factor), teacher(), undefined, { form }).dataSync();
      expect(scaled! / plain!).toBeCloseTo(1, 4);
    }
  });

  it('sees where a map is active and not in which channel', () => {
    const swapped = tf.reverse(student(), 3);
    expect(attentionTransferLoss(swapped, student()).dataSync()[0]).toBeCloseTo(0, 6);
  });

  it('compares at the smaller height and the smaller width', () => {
    const [tall, wide] = [draws<tf.Rank.R4>(1, [2, 6, 3, 4]), draws<tf.Rank.R4>(2, [2, 2, 5, 3])];
    const loss = attentionTransferLoss(tall, wide, undefined, { reduction: 'none' });
    expect(loss.shape).toEqual([2]);
    const other = attentionTransferLoss(wide, tall, undefined, { reduction: 'none' });
    expect(Array.from(loss.dataSync())).toEqual(Array.from(other.dataSync()));
  });

  it("ties the forms: the paper's is a norm, the code's a mean of squares", () => {
    const of = (form: 'code' | 'paper') =>
      attentionTransferLoss(student(), teacher(), undefined, { form, reduction: 'none' }).dataSync();
    of('paper').forEach((norm, i) => {
      expect(norm ** 2 / 4).toBeCloseTo(of('code')[i]!, 5);
    });
  });

  it('gives a 0 among other activations no gradient', () => {
    const maps = tf.relu(draws<tf.Rank.R4>(1, [2, 4, 4, 3]));
    const target = draws<tf.Rank.R4>(2, [2, 4, 4, 3]);
    for (const power of [1, 2, 3]) {
      const loss = (x: tf.Tensor) => attentionTransferLoss(x as tf.Tensor4D, target, undefined, { power });
      const ofZeros = tf.where(tf.equal(maps, 0), tf.grad(loss)(maps), 0);
      expect(tf.max(tf.abs(ofZeros)).dataSync()[0]).toBe(0);
    }
  });

  it.each(forms.flatMap((form) => [1, 2, 3].map((power) => [form, power] as const)))(
    'has a finite value and no gradient for maps of zeros (form %s, power %d)',
    (form, power) => {
      const zeros = tf.zeros<tf.Rank.R4>([2, 4, 4, 6]);
      for (const maps of [teacher, student].map((make) => tf.slice(make(), 0, 2)).concat(zeros)) {
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
          attentionTransferLoss(x as tf.Tensor4D, maps, undefined, { form, power }),
        )(zeros);
        expect(Number.isFinite(value.dataSync()[0])).toBe(true);
        expect(Math.max(...grad.dataSync().map(Math.abs))).toBe(0);
        expect(attentionTransferLoss(maps, zeros, undefined, { form, power }).dataSync()[0]).toBeCloseTo(
          value.dataSync()[0]!,
          5,
        );
      }
    },
  );

  it.each<[string, () => unknown, string]>([
    [
      'a pooled vector',
      () => attentionTransferLoss(tf.zeros([4, 6]) as never, teacher()),
      'attentionTransferLoss: studentFeatures must be float32 [batch, height, width, channels], got float32 [4, 6]',
    ],
    [
      'another batch',
      () => attentionTransferLoss(student(), tf.zeros([1, 4, 4, 6])),
      'teacherFeatures must be float32 [4, height, width, channels], got float32 [1, 4, 4, 6]',
    ],
    [
      'an unknown form',
      () => attentionTransferLoss(student(), teacher(), undefined, { form: 'keras' as never }),
      'form must be code or paper, got keras',
    ],
    [
      'a power below 1, whose gradient has no bound',
      () => attentionTransferLoss(student(), teacher(), undefined, { power: 0.5 }),
      'power must be >= 1, got 0.5',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
