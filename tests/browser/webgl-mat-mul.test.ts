// What TF.js 4.22 gets wrong on WebGL, and completeWebgl() repairs: products of matrices that sum over an odd number of terms.
import { completeWebgl } from '@kd/backend';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useBackend } from '../../packages/losses/src/testing/backends.ts';
import { drawValues } from '../../packages/losses/src/testing/draw.ts';
import { expectClose } from '../../packages/ops/src/testing/check-op.ts';
import { onCpu } from './backends.ts';

useBackend('webgl');

/** What leaves something else than 0 beside a matrix of odd size. */
const BEFORE: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  nothing: (x) => x,
  exp: tf.exp,
  sigmoid: tf.sigmoid,
  '1 - x': (x) => tf.sub(1, x),
  clipByValue: (x) => tf.clipByValue(x, 0.2, 0.8),
  logSoftmax: (x) => tf.logSoftmax(x),
};

type Shapes = readonly [a: number[], b: number[], transposeA: boolean, transposeB: boolean];
const SHAPES: readonly Shapes[] = [
  [[4, 3], [5, 3], false, true],
  [[7, 1], [1, 5], false, false],
  [[3, 4], [3, 5], true, false],
  [[5, 6], [9, 5], true, true],
  [[4, 2], [2, 3], false, false],
  [[2, 3, 5, 7], [2, 3, 7, 5], false, false],
  [[6, 5, 3], [1, 3, 4], false, false],
];

/** Every shape behind `exp`, and every operation in front of one shape. */
const CASES = [
  ...SHAPES.map((shapes) => ['exp', shapes] as const),
  ...Object.keys(BEFORE).map((name) => [name, SHAPES[0]!] as const),
];

const values = (shape: number[], seed: number): tf.Tensor => tf.tensor(drawValues(seed, shape, -1, 1), shape);

async function products(): Promise<Record<string, Float32Array>> {
  const found: Record<string, Float32Array> = {};
  for (const [name, [a, b, transposeA, transposeB]] of CASES) {
    const before = BEFORE[name]!;
    const product = tf.tidy(() => tf.matMul(before(values(a, 1)), before(values(b, 2)), transposeA, transposeB));
    found[`${name}, [${a}] x [${b}]`] = (await product.data()) as Float32Array;
    product.dispose();
  }
  const bias = tf.tensor1d([1, 2, 3]);
  const layer = tf.tidy(() =>
    tf.fused.matMul({ a: tf.exp(values([4, 7], 1)), b: tf.exp(values([7, 3], 2)), bias, activation: 'relu' }),
  );
  found['exp, with bias and relu'] = (await layer.data()) as Float32Array;
  tf.dispose([bias, layer]);
  return found;
}

describe('completeWebgl', () => {
  it('makes every product right, and leaks nothing', async () => {
    const expected = await onCpu(products);
    const undo = completeWebgl();
    const before = tf.memory();
    const repaired = await products();
    const after = tf.memory();
    undo();
    for (const [name, values] of Object.entries(repaired)) expectClose(values, expected[name]!, 1e-5, name);
    expect(after.numTensors).toBe(before.numTensors);
    expect(after.numDataBuffers).toBe(before.numDataBuffers);
  });

  it('is needed', async () => {
    const expected = await onCpu(products);
    const wrong = Object.entries(await products()).filter(([name, values]) =>
      values.some((value, i) => Math.abs(value - expected[name]![i]!) > 0.01),
    );
    expect(wrong.map(([name]) => name)).toContain('exp, [4,3] x [5,3]');
  });

  it('refuses another backend', () => onCpu(async () => expect(completeWebgl).toThrow("the current backend is 'cpu'")));
});
