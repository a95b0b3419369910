import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import fixture from '../../fixtures/losses.json' with { type: 'json' };
import { tolerance } from './backends.ts';
import { drawValues } from './draw.ts';

export type InputName = keyof typeof fixture.inputs;

/** An input of the fixture: `s` and `t` are logits, `fs` and `ft` feature maps, `es` and `et` embeddings … */
export function input<R extends tf.Rank = tf.Rank.R2>(name: InputName): tf.Tensor<R> {
  const { seed, shape, lo, hi } = fixture.inputs[name];
  const drawn = tf.tensor(drawValues(seed, shape, lo, hi), shape);
  return (name.startsWith('mem') ? unitRows(drawn) : drawn) as tf.Tensor<R>;
}

export function unitRows(x: tf.Tensor): tf.Tensor {
  return tf.div(x, tf.norm(x, 'euclidean', 1, true));
}

export const student = (): tf.Tensor2D => input('s');
export const teacher = (): tf.Tensor2D => input('t');
export const labels = (): tf.Tensor1D => tf.tensor1d(fixture.labels, 'int32');

export interface Golden {
  loss: number;
  /** With respect to the input `wrt`, row-major. */
  grad: number[];
  wrt: string;
}

export function golden(name: string): Golden {
  const found = fixture.cases.find((each) => each.name === name);
  if (!found?.grad) throw new Error(`no golden with a gradient is called '${name}'`);
  return { loss: found.loss, grad: found.grad, wrt: found.wrt };
}

export const goldenNames: readonly string[] = fixture.cases.map(({ name }) => name);

/** Weighted sum of goldens: losses and gradients are linear. */
export function combination(...terms: [weight: number, golden: Golden][]): Golden {
  return {
    loss: terms.reduce((sum, [weight, { loss }]) => sum + weight * loss, 0),
    grad: terms[0]![1].grad.map((_, i) => terms.reduce((sum, [weight, { grad }]) => sum + weight * grad[i]!, 0)),
    wrt: terms[0]![1].wrt,
  };
}

/** How far a loss is from a golden: of the value, and the largest of the gradient; relative to the largest value. */
async function distance(
  f: (x: tf.Tensor) => tf.Scalar,
  expected: Golden,
): Promise<{ value: number; gradient: number }> {
  const { value, grad } = tf.valueAndGrad(f)(input(expected.wrt as InputName));
  const scale = Math.max(...expected.grad.map(Math.abs));
  const [got, [loss]] = await Promise.all([grad.data(), value.data()]); // WebGPU cannot wait
  return {
    value: Math.abs(loss! - expected.loss) / Math.abs(expected.loss),
    gradient: Math.max(...expected.grad.map((want, i) => Math.abs(got[i]! - want))) / scale,
  };
}

/** Asserts value and gradient of a loss at the golden's input. */
export async function expectGolden<T extends tf.Tensor>(
  loss: (x: T) => tf.Scalar,
  expected: Golden,
  within: number = tolerance(),
): Promise<void> {
  const { value, gradient } = await distance(loss as (x: tf.Tensor) => tf.Scalar, expected);
  expect(value, 'value').toBeLessThanOrEqual(within);
  expect(gradient, 'gradient').toBeLessThanOrEqual(within);
}

/** Asserts that a loss is none of the well-known slips: both its value and its gradient are far from the golden. */
export async function expectNotGolden<T extends tf.Tensor>(loss: (x: T) => tf.Scalar, slip: Golden): Promise<void> {
  const { value, gradient } = await distance(loss as (x: tf.Tensor) => tf.Scalar, slip);
  expect(value, 'value').toBeGreaterThan(0.05);
  expect(gradient, 'gradient').toBeGreaterThan(0.05);
}
