import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect } from 'vitest';

type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Runs tests on each backend that we train on here: their kernels differ. */
export function onEachBackend(name: string, tests: () => void): void {
  describe.each(['cpu', 'wasm'])(`${name} on %s`, (backend) => {
    beforeAll(async () => {
      await tf.setBackend(backend);
    });
    tests();
  });
}

/** Asserts that two functions have the same value and, under a fixed random upstream gradient, the same gradients. */
export function expectSameGradients(actual: Op, reference: Op, inputs: tf.Tensor[], tolerance = 1e-5): void {
  const upstream = tf.randomNormal(reference(...inputs).shape, 0, 1, 'float32', 99);
  const weighted =
    (op: Op): Op =>
    (...args) =>
      tf.sum(tf.mul(op(...args), upstream));
  const [got, want] = [actual, reference].map((op) => [op(...inputs), ...tf.grads(weighted(op))(inputs)]) as [
    tf.Tensor[],
    tf.Tensor[],
  ];
  want.forEach((tensor, which) => {
    const expected = tensor.dataSync();
    const scale = Math.max(1e-3, ...expected.map(Math.abs));
    expect(got[which]!.shape).toEqual(tensor.shape);
    got[which]!.dataSync().forEach((value, i) => {
      const where = `${which === 0 ? 'value' : `gradient of input ${which - 1}`} at ${i}`;
      expect(Math.abs(value - expected[i]!), where).toBeLessThanOrEqual(tolerance * scale);
    });
  });
}

/** Asserts gradients against central differences of a function that is computed in float32. */
export function expectFiniteDifferences(op: Op, inputs: tf.Tensor[], step = 1e-2, tolerance = 2e-3): void {
  const upstream = tf.randomNormal(op(...inputs).shape, 0, 1, 'float32', 98);
  const loss = (...args: tf.Tensor[]): tf.Scalar => tf.sum(tf.mul(op(...args), upstream));
  const gradients = tf.grads(loss)(inputs);
  inputs.forEach((input, which) => {
    const values = input.dataSync();
    const analytic = gradients[which]!.dataSync();
    const scale = Math.max(1e-3, ...analytic.map(Math.abs));
    values.forEach((_, i) => {
      const at = (delta: number): number => {
        const moved = Float32Array.from(values);
        moved[i]! += delta;
        return loss(...inputs.map((each, i) => (i === which ? tf.tensor(moved, input.shape) : each))).dataSync()[0]!;
      };
      const numeric = (at(step) - at(-step)) / (2 * step);
      expect(Math.abs(numeric - analytic[i]!), `input ${which} at ${i}`).toBeLessThanOrEqual(tolerance * scale);
    });
  });
}
