import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { drawValues } from './draw.ts';

/** Values of a shape from a seed, in [-1, 1). */
export function draws<R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]): tf.Tensor<R> {
  return tf.tensor(drawValues(seed, shape, -1, 1), shape);
}

/** Asserts that two tensors are equal, relative to the largest value. */
export function expectTensor(actual: tf.Tensor, expected: tf.Tensor, within = 1e-5): void {
  expect(actual.shape).toEqual(expected.shape);
  const [got, want] = [actual.dataSync(), expected.dataSync()];
  const scale = Math.max(...want.map(Math.abs));
  expect(Math.max(...want.map((value, i) => Math.abs(value - got[i]!)))).toBeLessThanOrEqual(within * scale);
}

/** Asserts the gradient of a smooth function by each of its variables, along one direction, by central differences. */
export function expectGradients(f: () => tf.Scalar, variables: readonly tf.Variable[], within = 1e-2): void {
  tf.tidy(() => {
    const { grads } = tf.variableGrads(f, [...variables]);
    for (const [i, variable] of variables.entries()) {
      const gradient = grads[variable.name]!;
      const [start, direction] = [tf.clone(variable), draws(i + 1, variable.shape)];
      const at = (h: number) => {
        variable.assign(tf.add(start, tf.mul(direction, h)));
        return f().dataSync()[0]!;
      };
      const h = 5e-3;
      const numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h); // fourth order
      variable.assign(start);
      const along = tf.sum(tf.mul(gradient, direction)).dataSync()[0]!;
      const scale = tf.norm(gradient).dataSync()[0]! * tf.norm(direction).dataSync()[0]!;
      expect(Math.abs(numeric - along)).toBeLessThanOrEqual(within * scale);
    }
  });
}

/** Gives the variables of a connector the values of `draws` from the seeds 1, 2 …: PyTorch was given the same. */
export function drawVariables({ variables }: { readonly variables: readonly { variable: tf.Variable }[] }): void {
  tf.tidy(() => {
    for (const [i, { variable }] of variables.entries()) variable.assign(draws(i + 1, variable.shape));
  });
}

/** Asserts a loss, and the norms of its gradients, as `fixtures/connectors_reference.py` gives them in float64. */
export function expectLikeTorch(
  f: () => tf.Scalar,
  by: readonly tf.Variable[],
  [loss, ...norms]: readonly number[],
  within = 1e-4,
): void {
  tf.tidy(() => {
    const { value, grads } = tf.variableGrads(f, [...by]);
    const got = [value, ...by.map(({ name }) => tf.norm(grads[name]!))].map((x) => x.dataSync()[0]!);
    [loss!, ...norms].forEach((want, i) => {
      expect(Math.abs(got[i]! - want)).toBeLessThanOrEqual(within * want);
    });
    expect(got.length).toBe(norms.length + 1);
  });
}
