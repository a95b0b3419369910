import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { drawValues } from './draw.ts';

/** Seeds of `drawLogits`. */
export const seeds: fc.Arbitrary<number> = fc.integer({ min: 1, max: 2147483646 });

/** A student's and a teacher's logits, float32 [6, 5], from a seed. */
export function drawLogits(seed: number): [student: tf.Tensor2D, teacher: tf.Tensor2D] {
  const values = drawValues(seed, [60], -4, 4);
  return [tf.tensor2d(values.subarray(0, 30), [6, 5]), tf.tensor2d(values.subarray(30), [6, 5])];
}

export const numberOf = (x: tf.Tensor): number => x.dataSync()[0]!;

/** The largest difference, in value. */
export const apart = (a: tf.Tensor, b: tf.Tensor): number => numberOf(tf.max(tf.abs(tf.sub(a, b))));

export function gradientOf(loss: (x: tf.Tensor2D) => tf.Tensor, at: tf.Tensor2D): tf.Tensor2D {
  return tf.grad(loss as (x: tf.Tensor) => tf.Tensor)(at) as tf.Tensor2D;
}
