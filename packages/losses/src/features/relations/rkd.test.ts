import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, tolerance, useBackend } from '../../testing/backends.ts';
import { draws, expectTensor } from '../../testing/gradients.ts';
import { rkdAngleLoss } from './rkd-angle-loss.ts';
import { rkdDistanceLoss } from './rkd-distance-loss.ts';

type Rows = readonly (readonly number[])[];

const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value - b[i]!);
const length = (a: readonly number[]): number => Math.hypot(...a);
const smoothL1 = (x: number): number => (Math.abs(x) < 1 ? (x * x) / 2 : Math.abs(x) - 0.5);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** As in the paper, in float64 and from differences of rows. */
function distancesOf(x: Rows): number[] {
  const d = x.flatMap((a) => x.map((b) => length(minus(a, b))));
  const mean = sum(d) / (x.length * (x.length - 1));
  return d.map((value) => value / mean);
}

function anglesOf(x: Rows): number[] {
  const towards = (from: readonly number[], to: readonly number[]) => {
    const d = minus(to, from);
    const size = length(d);
    return d.map((value) => (size > 0 ? value / size : 0));
  };
  return x.flatMap((at) =>
    x.flatMap((j) => x.map((k) => sum(towards(at, j).map((value, i) => value * towards(at, k)[i]!)))),
  );
}

const exact = (relations: (x: Rows) => number[]) => (s: Rows, t: Rows) => {
  const [a, b] = [relations(s), relations(t)];
  return sum(a.map((value, i) => smoothL1(value - b[i]!))) / a.length;
};

/** Central differences in float64. */
function slope(f: (x: Rows) => number, x: Rows): tf.Tensor2D {
  const h = 1e-6;
  const moved = (row: number, column: number, by: number) =>
    x.map((values, i) => values.map((value, j) => (i === row && j === column ? value + by : value)));
  return tf.tensor2d(x.map((values, i) => values.map((_, j) => (f(moved(i, j, h)) - f(moved(i, j, -h))) / (2 * h))));
}

describe.each(backends)('on %s', (backend) => {
  useBackend(backend);

  describe.each([
    ['rkdDistanceLoss', rkdDistanceLoss, exact(distancesOf)],
    ['rkdAngleLoss', rkdAngleLoss, exact(anglesOf)],
  ] as const)('%s', (_, loss, reference) => {
    const far = (x: tf.Tensor) => tf.add(x, 30);
    const outlier = (x: tf.Tensor) => tf.mul(x, [[1], [1], [40], [1], [1], [1], [1], [1]]);
    const close = (x: tf.Tensor) => tf.add(tf.mul(x, [[1], [1], [1], [1], [0], [0], [0], [0]]), tf.mul(x, 0.05));

    it.each([
      ['as they come', (x: tf.Tensor) => x, 1],
      ['far from the origin', far, 10],
      ['with one far off, where the loss is linear', outlier, 1],
      ['half of them twenty times closer', close, 10],
    ])('is that of differences of rows, %s', (_, change, times) => {
      tf.tidy(() => {
        const [s, t] = [change(draws(31, [8, 6])) as tf.Tensor2D, draws(32, [8, 9]) as tf.Tensor2D];
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => loss(x, t))(s);
        const [rows, teacher] = [s.arraySync(), t.arraySync()];
        expectTensor(value, tf.scalar(reference(rows, teacher)), times * tolerance());
        expectTensor(
          grad,
          slope((x) => reference(x, teacher), rows),
          times * tolerance(),
        );
      });
    });

    it('does not see where the features are, how large, or turned which way', () => {
      tf.tidy(() => {
        const [s, t] = [draws(41, [6, 2]), draws(42, [6, 4])];
        const turned = tf.matMul(
          s as tf.Tensor2D,
          tf.tensor2d([
            [0.6, 0.8],
            [-0.8, 0.6],
          ]),
        );
        expectTensor(loss(tf.add(tf.mul(turned, 3), 5), t), loss(s, t), 10 * tolerance());
      });
    });

    it('has no gradient by samples that are all the same', () => {
      tf.tidy(() => {
        const t = draws(1, [5, 4]);
        const gradient = tf.grad((x: tf.Tensor) => loss(x, t))(tf.fill([5, 3], 0.3));
        expect(tf.max(tf.abs(gradient)).dataSync()[0]).toBe(0);
      });
    });

    it('lets samples that are the same lie, and pulls at the others', () => {
      tf.tidy(() => {
        const s = draws(51, [5, 3]);
        const [pair, t] = [tf.concat([s, tf.slice(s, 0, 1)]), draws(52, [6, 4])];
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => loss(x, t))(pair);
        const rows = (pair as tf.Tensor2D).arraySync();
        expectTensor(value, tf.scalar(reference(rows, (t as tf.Tensor2D).arraySync())));
        expect(tf.min(tf.max(tf.abs(grad), 1)).dataSync()[0]).toBeGreaterThan(1e-4);
      });
    });
  });
});
