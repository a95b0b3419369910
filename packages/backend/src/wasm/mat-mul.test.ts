import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { completeWasm } from './install.ts';
import { swapIsCheaper } from './mat-mul.ts';

beforeAll(async () => {
  await tf.setBackend('wasm');
});

/** Runs with and without our kernels. */
function both<T>(run: () => T): { stock: T; ours: T } {
  const stock = run();
  const undo = completeWasm();
  try {
    return { stock, ours: run() };
  } finally {
    undo();
  }
}

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** Operands whose product is [rows, columns] under the given transposes. */
function operands(rows: number, inner: number, columns: number, transposeA: boolean, transposeB: boolean) {
  return [
    random(transposeA ? [inner, rows] : [rows, inner], 1),
    random(transposeB ? [columns, inner] : [inner, columns], 2),
  ] as [tf.Tensor2D, tf.Tensor2D];
}

const sizes = [
  [64, 120, 100],
  [3, 7, 5],
  [1, 784, 10],
  [512, 8, 10],
  [10, 64, 800],
] as const;
const flips = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;
const cases = sizes.flatMap((size) => flips.map((flip) => [...size, ...flip] as const));

describe('matMul on WebAssembly', () => {
  it('meets both ways of multiplying in these cases', () => {
    const ways = new Set(
      cases.map(([rows, inner, columns, transposeA, transposeB]) =>
        swapIsCheaper({ rows, inner, columns, transposeA, transposeB }),
      ),
    );
    expect(ways.size).toBe(2);
  });

  it.each(cases)('gives %d x %d x %d, transposes %s %s, as float64 does', (...args) => {
    const [rows, inner, columns, transposeA, transposeB] = args;
    const [a, b] = operands(...args);
    const { ours } = both(() => tf.matMul(a, b, transposeA, transposeB));
    expect(ours.shape).toEqual([rows, columns]);
    const [left, right, got] = [a.dataSync(), b.dataSync(), ours.dataSync()];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        let size = 0;
        for (let k = 0; k < inner; k++) {
          const product =
            left[transposeA ? k * rows + i : i * inner + k]! * right[transposeB ? j * inner + k : k * columns + j]!;
          sum += product;
          size += Math.abs(product);
        }
        expect(Math.abs(got[i * columns + j]! - sum)).toBeLessThanOrEqual(1e-6 * size);
      }
    }
  });

  it.each(sizes)('keeps the bits of plain products: %d x %d x %d', (rows, inner, columns) => {
    const [a, b] = operands(rows, inner, columns, false, false);
    const { stock, ours } = both(() => tf.matMul(a, b).dataSync());
    expect(ours).toEqual(stock);
  });

  it.each(['linear', 'relu'] as const)('keeps the bits of a dense layer with bias, activation %s', (activation) => {
    const [a, b] = operands(64, 120, 100, false, false);
    const bias = random([100], 3);
    const { stock, ours } = both(() => tf.fused.matMul({ a, b, bias, activation }).dataSync());
    expect(ours).toEqual(stock);
  });

  it('keeps batches of matrices, other ranks and gradients right', () => {
    const a = random([2, 5, 3], 1);
    const b = random([2, 4, 3], 2);
    const { stock, ours } = both(() => tf.matMul(a, b, false, true).dataSync());
    expect(ours).toEqual(stock);
    const { ours: one } = both(() => tf.matMul(random([1, 6, 3], 1), random([1, 4, 3], 2), false, true));
    expect(one.shape).toEqual([1, 6, 4]);
    const [x, w] = operands(6, 5, 4, false, false);
    const gradients = both(() =>
      tf.grads((p, q) => tf.sum(tf.square(tf.matMul(p as tf.Tensor2D, q as tf.Tensor2D))))([x, w]),
    );
    gradients.stock.forEach((gradient, i) => {
      const expected = gradient.dataSync();
      gradients.ours[i]!.dataSync().forEach((value, j) => {
        expect(value).toBeCloseTo(expected[j]!, 4);
      });
    });
  });

  it('gives a row the same bits in any batch', () => {
    const [x, w] = operands(64, 120, 100, false, false);
    const undo = completeWasm();
    const all = tf.matMul(x, w).dataSync();
    for (const [start, size] of [
      [0, 1],
      [17, 30],
      [63, 1],
    ] as const) {
      const part = tf.matMul(tf.slice(x, [start, 0], [size, 120]), w).dataSync();
      expect(part).toEqual(all.slice(start * 100, (start + size) * 100));
    }
    undo();
  });

  it('gives the same bits when the weights come again', () => {
    const [a, b] = operands(64, 120, 100, false, false);
    const { stock, ours } = both(() => [1, 2, 3].map(() => tf.matMul(a, b).dataSync()));
    expect(ours).toEqual(stock);
  });

  it('leaves nothing behind but its result', () => {
    const undo = completeWasm();
    const [a, b] = operands(64, 120, 100, true, true);
    const before = { tensors: tf.memory().numTensors, data: tf.backend().numDataIds() };
    tf.matMul(a, b, true, true).dispose();
    tf.fused.matMul({ a, b, transposeA: true, transposeB: true, bias: tf.zeros([100]) }).dispose();
    expect(tf.backend().numDataIds()).toBe(before.data + 1); // the bias
    expect(tf.memory().numTensors).toBe(before.tensors + 1);
    undo();
  });
});
