import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useBackend } from './testing/backends.ts';
import { drawValues } from './testing/draw.ts';
import { logitLosses } from './testing/logit-losses.ts';
import type { LossUnderTest } from './testing/loss-under-test.ts';
import { mapLosses } from './testing/map-losses.ts';
import { relationLosses } from './testing/relation-losses.ts';

const losses: readonly LossUnderTest[] = [...logitLosses, ...mapLosses, ...relationLosses];
const seeds = fc.integer({ min: 1, max: 2147483646 });
const RUNS = { numRuns: 10 };

const SHAPES = { logits: [6, 5], embeddings: [6, 5], maps: [6, 4, 4, 6] } as const;

/** A batch of six, from a seed: a student's, a teacher's, and labels of five classes. */
function draw({ on }: LossUnderTest, seed: number): [student: tf.Tensor, teacher: tf.Tensor, labels: tf.Tensor1D] {
  const shape = SHAPES[on];
  const tensor = (offset: number) => tf.tensor(drawValues((seed + offset) % 2147483647 || 1, shape, -2, 2), [...shape]);
  const labels = drawValues((seed * 7) % 2147483647, [6], 0, 5).map(Math.floor);
  return [tensor(0), tensor(1000003), tf.tensor1d(labels, 'int32')];
}

/** For each loss and seed, with its tensors; disposes them. */
function holds(loss: LossUnderTest, check: (...batch: ReturnType<typeof draw>) => void): void {
  fc.assert(
    fc.property(seeds, (seed) => {
      tf.tidy(() => check(...draw(loss, seed)));
    }),
    RUNS,
  );
}

const number = (x: tf.Tensor): number => x.dataSync()[0]!;
const rows = <T extends tf.Tensor>(x: T, indices: number[]): T => tf.gather(x, tf.tensor1d(indices, 'int32'));

function expectClose(actual: number, expected: number, within = 1e-4): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(within * Math.max(1e-3, Math.abs(expected)));
}

function expectAllClose(actual: tf.Tensor, expected: tf.Tensor, within = 1e-4): void {
  expect(actual.shape).toEqual(expected.shape);
  const [got, want] = [actual.dataSync(), expected.dataSync()];
  const scale = Math.max(1e-3, ...want.map(Math.abs));
  expect(Math.max(...want.map((value, i) => Math.abs(value - got[i]!)))).toBeLessThanOrEqual(within * scale);
}

describe.each(losses)('$name', (loss) => {
  useBackend('cpu');
  const { call, perSample, zeroWhenEqual } = loss;

  it('has the gradient of its finite differences', () => {
    holds(loss, (s, t, y) => {
      const f = (x: tf.Tensor) => call(x, t, y);
      const gradient = tf.grad(f)(s);
      const direction = tf.tensor(drawValues(77, s.shape, -1, 1), s.shape);
      const along = number(tf.sum(tf.mul(gradient, direction)));
      const scale = number(tf.norm(gradient)) * number(tf.norm(direction));
      const at = (h: number) => number(f(tf.add(s, tf.mul(direction, h))));
      const h = 2e-3;
      const numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h); // fourth order
      expect(Math.abs(numeric - along)).toBeLessThanOrEqual(5e-3 * scale + 1e-3 * Math.abs(number(f(s))));
    });
  });

  it('does not depend on the order of the batch', () => {
    const order = [4, 2, 0, 5, 1, 3];
    holds(loss, (s, t, y) => {
      const f = (x: tf.Tensor) => call(x, t, y);
      const g = (x: tf.Tensor) => call(x, rows(t, order), rows(y, order));
      expectClose(number(g(rows(s, order))), number(f(s)));
      expectAllClose(tf.grad(g)(rows(s, order)), rows(tf.grad(f)(s), order));
    });
  });

  it('gives the teacher no gradient, though it is on the tape', () => {
    holds(loss, (s, t, y) => {
      const [one, zero] = [tf.scalar(1), tf.scalar(0)];
      // Both pass through `a`, so that the teacher is on the tape; `b` shifts the teacher alone.
      const f = (a: tf.Tensor, b: tf.Tensor) => call(tf.mul(s, a), tf.add(tf.mul(t, a), b), y);
      const [viaBoth, viaTeacher] = tf.grads((a, b) => tf.add(f(a as tf.Tensor, b as tf.Tensor), b as tf.Scalar))([
        one,
        zero,
      ]);
      expect(number(viaTeacher!)).toBe(1); // of the added term alone
      expectAllClose(viaBoth!, tf.grad((a: tf.Tensor) => call(tf.mul(s, a), t, y))(one), 1e-5);
    });
  });

  it('leaves only its result behind', () => {
    const [s, t, y] = draw(loss, 1);
    call(s, t, y).dispose(); // what is made once stays
    const before = tf.memory().numTensors;
    call(s, t, y).dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([s, t, y]);
  });

  it('takes rows that are masked as if they were not there', () => {
    const kept = [0, 1, 3, 4];
    holds(loss, (s, t, y) => {
      const mask = tf.tensor1d([true, true, false, true, true, false], 'bool');
      const masked = (x: tf.Tensor) => call(x, t, y, { mask });
      const without = (x: tf.Tensor) => call(rows(x, kept), rows(t, kept), rows(y, kept));
      expectClose(number(masked(s)), number(without(s)));
      expectAllClose(tf.grad(masked)(s), tf.grad(without)(s)); // zero in the masked rows
    });
  });

  it('takes a mask and weights that come from the student as constants', () => {
    const chosen = (x: tf.Tensor) => {
      const means = tf.mean(tf.reshape(x, [6, -1]), 1);
      const mask = tf.greaterEqual(means, tf.mean(means)) as tf.Tensor1D;
      return perSample ? { mask, sampleWeights: tf.sigmoid(means) as tf.Tensor1D } : { mask };
    };
    holds(loss, (s, t, y) => {
      const options = chosen(s);
      const constant = tf.grad((x: tf.Tensor) => call(x, t, y, options))(s);
      expectAllClose(tf.grad((x: tf.Tensor) => call(x, t, y, chosen(x)))(s), constant, 1e-6);
    });
  });

  if (perSample)
    it('is the weighted mean of its parts', () => {
      holds(loss, (s, t, y) => {
        const part = (indices: number[]) => number(call(rows(s, indices), rows(t, indices), rows(y, indices)));
        expectClose(number(call(s, t, y)), (2 * part([0, 1]) + 4 * part([2, 3, 4, 5])) / 6);
        const sampleWeights = tf.tensor1d([3, 0, 1, 0, 0, 0.5]);
        expectClose(number(call(s, t, y, { sampleWeights })), (3 * part([0]) + part([2]) + 0.5 * part([5])) / 4.5);
      });
    });

  if (zeroWhenEqual)
    it('is positive, and zero without gradient where student and teacher are equal', () => {
      holds(loss, (s, t, y) => {
        expect(number(call(s, t, y))).toBeGreaterThan(0);
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => call(x, t, y))(t);
        expect(Math.abs(number(value))).toBeLessThan(1e-6);
        expect(Math.max(...grad.dataSync().map(Math.abs))).toBeLessThan(1e-5);
      });
    });

  if (loss.shiftInvariant)
    it('does not change when rows of logits are shifted', () => {
      holds(loss, (s, t, y) => {
        const shift = tf.tensor2d([[1], [-2], [3], [0.5], [10], [-7]]);
        expectClose(number(call(tf.add(s, shift), tf.sub(t, shift), y)), number(call(s, t, y)), 1e-3);
      });
    });
});
