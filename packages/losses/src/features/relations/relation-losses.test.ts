import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../../testing/backends.ts';
import { draws, expectTensor } from '../../testing/gradients.ts';
import { relationLosses } from '../../testing/relation-losses.ts';

const zeroRows = (x: tf.Tensor): tf.Tensor => tf.mul(x, [[1], [0], [1], [0], [1], [1]]);
const twins = (x: tf.Tensor): tf.Tensor => tf.concat([x, x]);

const EDGES: [string, (s: tf.Tensor, t: tf.Tensor) => [student: tf.Tensor, teacher: tf.Tensor]][] = [
  ['one sample', (s, t) => [tf.slice(s, 0, 1), tf.slice(t, 0, 1)]],
  ['two samples', (s, t) => [tf.slice(s, 0, 2), tf.slice(t, 0, 2)]],
  ['samples that the student cannot tell apart', (_, t) => [tf.fill([6, 5], 0.1), t]],
  ['samples that the teacher cannot tell apart', (s) => [s, tf.fill([6, 5], -1e4)]],
  ['samples that neither can tell apart', () => [tf.fill([6, 5], 0.1), tf.fill([6, 3], 7)]],
  ['rows of zeros of the student', (s, t) => [zeroRows(s), t]],
  ['rows of zeros of the teacher', (s, t) => [s, zeroRows(t)]],
  ['nothing but zeros', () => [tf.zeros([6, 5]), tf.zeros([6, 5])]],
  ['samples that come twice', (s, t) => [twins(s), twins(t)]],
  ['samples that come twice for the student', (s, t) => [twins(s), tf.concat([t, tf.neg(t)])]],
  ['opposite samples', (s, t) => [tf.concat([s, tf.neg(s)]), twins(t)]],
  ['large values', (s, t) => [tf.mul(s, 1e4), tf.mul(t, -1e4)]],
  ['small values', (s, t) => [tf.mul(s, 1e-6), tf.mul(t, 1e-6)]],
  ['very small values of the student', (s, t) => [tf.mul(s, 1e-25), t]],
  ['a batch of 64', () => [draws(1, [64, 3]), draws(2, [64, 4])]],
];

describe.each(backends)('on %s', (backend) => {
  useBackend(backend);

  describe.each(relationLosses)('$name', ({ name, call }) => {
    const loss = (s: tf.Tensor, t: tf.Tensor, mask?: boolean[]) =>
      call(s, t, undefined as never, mask ? { mask: tf.tensor1d(mask, 'bool') } : undefined);

    it.each(EDGES)('is finite for %s', (_, edge) => {
      tf.tidy(() => {
        const [s, t] = edge(draws(11, [6, 5]), draws(12, [6, 4]));
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => loss(x, t))(s);
        expect(value.dataSync()[0]).toBeGreaterThanOrEqual(0);
        expect(value.dataSync()[0]).toBeLessThan(Infinity);
        expect([...grad.dataSync()].every(Number.isFinite)).toBe(true);
      });
    });

    it('sees maps as rows, of any widths', () => {
      tf.tidy(() => {
        const [s, t] = [draws(21, [4, 3, 3, 2]), draws(22, [4, 2, 1, 6])];
        expectTensor(loss(s, t), loss(tf.reshape(s, [4, 18]), tf.reshape(t, [4, 12])), 0);
      });
    });

    it('is 0 without gradient if nothing counts', () => {
      tf.tidy(() => {
        const none = [false, false, false];
        const t = draws(2, [3, 4]);
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => loss(x, t, none))(draws(1, [3, 4]));
        expect([value.dataSync()[0], ...grad.dataSync().map(Math.abs)]).toEqual(new Array(13).fill(0));
      });
    });

    it('says what is wrong', () => {
      tf.tidy(() => {
        const [s, t] = [draws(1, [3, 4]), draws(2, [3, 4])];
        const wrong: [() => unknown, string][] = [
          [() => loss(s, draws(2, [2, 4])), 'teacherFeatures must be float32 [3, 4], got float32 [2, 4]'],
          [() => loss(tf.tensor1d([1, 2, 3]), t), 'studentFeatures must be float32 [batch, ...], got float32 [3]'],
          [() => loss(s, tf.cast(t, 'int32')), 'teacherFeatures must be float32 [3, 4], got int32 [3, 4]'],
          [() => loss([[1]] as never, t), 'studentFeatures must be float32 [batch, ...], got 1'],
          [() => loss(s, t, [true]), 'mask must be bool [3], got bool [1]'],
          [() => call(s, t, undefined as never, { reduction: 'sum' } as never), 'reduction is none of '],
        ];
        for (const [f, message] of wrong) expect(f).toThrow(`${name}: ${message}`);
      });
    });
  });
});
