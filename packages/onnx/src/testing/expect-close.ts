import type * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/**
 * Asserts shape, type and values, within `tolerance` times the largest expected finite value, or `scale` if that is larger; NaN and the infinities must
 * stand where they are expected.
 */
export function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance: number, what: string, scale = 0): void {
  expect(actual.dtype, `${what}: type`).toBe(expected.dtype);
  expect(actual.shape, `${what}: shape`).toEqual(expected.shape);
  const [got, want] = [actual.dataSync(), expected.dataSync()];
  let largest = Math.max(scale, 1e-30);
  for (const value of want) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  let [worst, at] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    const difference = Object.is(got[i], want[i]) || got[i] === want[i] ? 0 : Math.abs(got[i]! - want[i]!);
    if (!(difference <= worst)) [worst, at] = [difference, i]; // so that NaN is the worst
    if (Number.isNaN(difference)) break;
  }
  const message = `${what} at ${at}: ${got[at]} instead of ${want[at]}, largest ${largest}`;
  expect(worst / largest, message).toBeLessThanOrEqual(tolerance);
}
