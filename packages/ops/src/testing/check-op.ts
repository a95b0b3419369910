import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { type NdArray, ndArray, randomArray } from './references/nd-array.ts';

/** An op, its float64 reference, and inputs for both. */
export interface OpCase {
  name: string;
  op: (...inputs: tf.Tensor[]) => tf.Tensor;
  reference: (...inputs: NdArray[]) => NdArray;
  inputs: () => NdArray[];
  /** False for what is a constant to autodiff. @default true */
  hasGradients?: boolean;
}

// Central differences of doubles: the error is about 1e-10, and a kink (ReLU, max) is seldom that near.
const STEP = 1e-5;
// Elements of one input that are moved, spread evenly.
const MOVED = 400;

/** Asserts that values differ by at most `tolerance` times the largest expected one. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(actual.length, what).toBe(expected.length);
  const scale = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  let [worst, at] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= worst)) [worst, at] = [difference, i]; // so that NaN is the worst
    if (Number.isNaN(difference)) break;
  }
  expect(
    worst / scale,
    `${what} at ${at}: ${actual[at]} instead of ${expected[at]}, largest ${scale}`,
  ).toBeLessThanOrEqual(tolerance);
}

/** Asserts the gradient of one input against central differences of the reference, for an upstream gradient. */
function expectGradient(
  actual: ArrayLike<number>,
  reference: OpCase['reference'],
  inputs: NdArray[],
  which: number,
  upstream: NdArray,
  tolerance: number,
): void {
  const { shape, data } = inputs[which]!;
  const stride = Math.max(1, Math.floor(data.length / MOVED));
  const chosen = Array.from({ length: Math.ceil(data.length / stride) }, (_, i) => i * stride);
  const lossAt = (index: number, delta: number): number => {
    const moved = data.slice();
    moved[index]! += delta;
    const value = reference(...inputs.map((each, i) => (i === which ? ndArray(shape, moved) : each)));
    return value.data.reduce((sum, each, i) => sum + each * upstream.data[i]!, 0);
  };
  expectClose(
    chosen.map((i) => actual[i]!),
    chosen.map((i) => (lossAt(i, STEP) - lossAt(i, -STEP)) / (2 * STEP)),
    tolerance,
    `gradient ${which} (every ${stride}th)`,
  );
}

/**
 * Asserts that an op on the current backend has the value of its reference and, for a random upstream gradient, the
 * gradients of finite differences of the reference, if it has any, all within `tolerance` of the tensor's largest value; and that it
 * leaves no tensor behind but its result.
 */
export async function expectMatchesReference(opCase: OpCase, tolerance = 1e-5): Promise<void> {
  const { op, reference, hasGradients = true } = opCase;
  const inputs = opCase.inputs();
  const value = reference(...inputs);
  const upstream = randomArray(value.shape, 97);
  const before = tf.memory().numTensors;
  const tensors = inputs.map(({ shape, data }) => tf.tensor(Float32Array.from(data), [...shape]));
  const dy = tf.tensor(Float32Array.from(upstream.data), [...upstream.shape]);

  const output = op(...tensors);
  expect(output.shape, 'shape').toEqual(value.shape);
  expectClose(await output.data(), value.data, tolerance, 'value'); // WebGPU cannot read at once
  output.dispose();
  expect(tf.memory().numTensors, 'tensors after the value').toBe(before + tensors.length + 1);
  const gradients = hasGradients ? tf.grads(op)(tensors, dy) : [];
  expect(tf.memory().numTensors, 'tensors after the gradients').toBe(before + tensors.length + gradients.length + 1);
  for (const [which, gradient] of gradients.entries()) {
    expect(gradient.shape, `shape of gradient ${which}`).toEqual(inputs[which]!.shape);
    expectGradient(await gradient.data(), reference, inputs, which, upstream, tolerance);
  }
  tf.dispose([tensors, dy, gradients]);
  expect(tf.memory().numTensors, 'tensors in the end').toBe(before);
}
