import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect } from 'vitest';
import fixture from '../../fixtures/losses.json' with { type: 'json' };

/** Every loss is tested on each of these: their kernels differ. */
export const backends = ['cpu', 'wasm'] as const;

/** For `describe.each(backends)`: makes the backend current before the tests inside. */
export function useBackend(name: (typeof backends)[number]): void {
  beforeAll(async () => {
    await tf.setBackend(name);
  });
}

/** The generator of the fixture: Park and Miller's, exact in doubles. */
function draw({ seed, shape, lo, hi }: { seed: number; shape: number[]; lo: number; hi: number }): tf.Tensor2D {
  let state = seed;
  const values = Array.from({ length: shape[0]! * shape[1]! }, () => {
    state = (state * 48271) % 2147483647;
    return lo + ((hi - lo) * state) / 2147483647;
  });
  return tf.tensor2d(values, shape as [number, number]);
}

export const student = (): tf.Tensor2D => draw(fixture.inputs.s);
export const teacher = (): tf.Tensor2D => draw(fixture.inputs.t);
export const labels = (): tf.Tensor1D => tf.tensor1d(fixture.labels, 'int32');

export interface Golden {
  loss: number;
  /** With respect to the student's logits, row-major. */
  grad: number[];
}

export function golden(name: string): Golden {
  const found = fixture.cases.find((each) => each.name === name);
  if (!found) throw new Error(`no golden is called '${name}'`);
  return found;
}

/** Weighted sum of goldens: losses and gradients are linear. */
export function combination(...terms: [weight: number, golden: Golden][]): Golden {
  return {
    loss: terms.reduce((sum, [weight, { loss }]) => sum + weight * loss, 0),
    grad: terms[0]![1].grad.map((_, i) => terms.reduce((sum, [weight, { grad }]) => sum + weight * grad[i]!, 0)),
  };
}

/** Asserts value and gradient of a loss at the fixture's student, relative to the largest value. */
export function expectGolden(loss: (logits: tf.Tensor2D) => tf.Scalar, expected: Golden, tolerance = 1e-5): void {
  const logits = student();
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => loss(x as tf.Tensor2D))(logits);
  const scale = Math.max(...expected.grad.map(Math.abs));
  expect(Math.abs(value.dataSync()[0]! - expected.loss)).toBeLessThanOrEqual(tolerance * Math.abs(expected.loss));
  grad.dataSync().forEach((got, i) => {
    expect(Math.abs(got - expected.grad[i]!), `gradient at ${i}`).toBeLessThanOrEqual(tolerance * scale);
  });
}
