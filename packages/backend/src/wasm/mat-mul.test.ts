import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { completeWasm } from './install.ts';
import { isTiled } from './own-mat-mul.ts';
import { hideMemory } from './testing/hide-memory.ts';
import type { WasmBackend } from './wasm-backend.ts';
import { swapIsCheaper } from './xnnpack-mat-mul.ts';

beforeAll(async () => {
  await tf.setBackend('wasm');
});

/** Runs with and without our kernels. */
function both<T>(run: () => T, install = completeWasm): { stock: T; ours: T } {
  const stock = run();
  const undo = install();
  try {
    return { stock, ours: run() };
  } finally {
    undo();
  }
}

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

const sameBits = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => {
  const [x, y] = [a, b].map((values) => Buffer.from(Float32Array.from(values).buffer)) as [Buffer, Buffer];
  return x.equals(y);
};

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);

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
  [30, 600, 129],
  [301, 257, 9],
] as const;
const flips = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;
/** 241 of all the combinations of these, each size in about as many. */
const dimensions = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 31, 64, 100, 257, 300];
const manySizes = dimensions
  .flatMap((m) => dimensions.flatMap((k) => dimensions.map((n) => [m, k, n] as const)))
  .filter((_, i) => i % 14 === 0);
const cases = sizes.flatMap((size) => flips.map((flip) => [...size, ...flip] as const));

describe('matMul on WebAssembly', () => {
  it('meets every way of multiplying in these cases', () => {
    const products = cases.map(([rows, inner, columns, transposeA, transposeB]) => ({
      ...{ rows, inner, columns, transposeA, transposeB },
    }));
    expect(new Set(products.map(isTiled)).size).toBe(2);
    expect(new Set(products.filter((each) => !isTiled(each)).map(swapIsCheaper)).size).toBe(2);
  });

  it.each([
    ['our kernel', completeWasm],
    [
      'XNNPACK, where TF.js hides its memory',
      () => {
        const show = hideMemory();
        const undo = completeWasm();
        return () => {
          undo();
          show();
        };
      },
    ],
  ])('has the bits of the plain stock product in many sizes and all transposes, by %s', (_, install) => {
    const products = (transposed: boolean) =>
      manySizes.map(([rows, inner, columns]) =>
        tf.tidy(() => {
          const [a, b] = operands(rows, inner, columns, false, false);
          const ways = transposed ? flips : ([[false, false]] as const);
          return ways.map(([flipA, flipB]) =>
            tf.matMul(flipA ? tf.transpose(a) : a, flipB ? tf.transpose(b) : b, flipA, flipB).dataSync(),
          );
        }),
      );
    const stock = products(false);
    const undo = install();
    const ours = products(true);
    undo();
    const different = manySizes.filter((_, i) => ours[i]!.some((values) => !sameBits(values, stock[i]![0]!)));
    expect(different).toEqual([]);
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
    for (const [rows, inner, columns] of sizes) {
      const [a, b] = operands(rows, inner, columns, false, false);
      const bias = random([columns], 3);
      const { stock, ours } = both(() => tf.fused.matMul({ a, b, bias, activation }).dataSync());
      if (isTiled({ rows, columns })) expect(ours).toEqual(stock);
      else expect(largestDifference(ours, stock)).toBeLessThan(1e-4);
    }
  });

  it.each(flips)('adds the bias to products with transposes %s %s', (transposeA, transposeB) => {
    const [a, b] = operands(30, 64, 129, transposeA, transposeB);
    const bias = random([129], 3);
    // Not stock against ours: the stock kernel takes the wrong bias when an operand is transposed.
    const expected = tf.add(tf.matMul(a, b, transposeA, transposeB), bias).dataSync();
    const { ours } = both(() => tf.fused.matMul({ a, b, bias, transposeA, transposeB }));
    expect(ours.shape).toEqual([30, 129]);
    expect(largestDifference(ours.dataSync(), expected)).toBeLessThan(1e-4);
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

  it.each(flips)('multiplies batches, transposes %s %s', (transposeA, transposeB) => {
    const [a, b] = operands(9, 20, 17, transposeA, transposeB);
    const stackOf = (matrix: tf.Tensor, counts: number[]) =>
      tf.tensor(
        Float32Array.from({ length: matrix.size * counts.reduce((x, y) => x * y, 1) }, (_, i) => Math.sin(i)),
        [...counts, ...matrix.shape],
      );
    for (const [outerA, outerB, outer] of [
      [[6], [6], [6]],
      [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
      [
        [2, 3],
        [1, 1],
        [2, 3],
      ],
      [[1], [2, 3], [2, 3]],
      [
        [2, 3],
        [1, 3],
        [2, 3],
      ], // which the stock kernel takes
    ] as [number[], number[], number[]][]) {
      const [p, q] = [stackOf(a, outerA), stackOf(b, outerB)];
      const { stock, ours } = both(() => tf.matMul(p, q, transposeA, transposeB));
      expect(ours.shape).toEqual([...outer, 9, 17]);
      expect(ours.shape).toEqual(stock.shape);
      expect(largestDifference(ours.dataSync(), stock.dataSync())).toBeLessThan(1e-5);
    }
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

  it.each([1, 8, 64])('gives the same bits when the weights come again, %d rows', (rows) => {
    const [a, b] = operands(rows, 120, 100, false, false);
    const { stock, ours } = both(() => [1, 2, 3].map(() => tf.matMul(a, b).dataSync()));
    expect(ours).toEqual(stock);
  });

  it.each(flips)('passes NaN and Infinity on to their rows and columns, transposes %s %s', (...flip) => {
    const [rows, inner, columns] = [9, 300, 13];
    const [a, b] = operands(rows, inner, columns, false, false).map((x) => x.arraySync()) as [number[][], number[][]];
    a[8]![299] = Number.NaN;
    b[0]![12] = Number.POSITIVE_INFINITY;
    const { ours } = both(() => {
      const [x, y] = [tf.tensor2d(a), tf.tensor2d(b)];
      return tf.matMul(flip[0] ? tf.transpose(x) : x, flip[1] ? tf.transpose(y) : y, ...flip);
    });
    (ours.arraySync() as number[][]).forEach((row, i) => {
      row.forEach((value, j) => {
        if (i === 8) expect(value).toBeNaN();
        else if (j === 12) expect(value).toBe(Math.sign(a[i]![0]!) * Number.POSITIVE_INFINITY);
        else expect(Number.isFinite(value)).toBe(true);
      });
    });
  });

  it.each([
    [0, 8, 8],
    [8, 0, 8],
    [8, 8, 0],
    [0, 0, 0],
  ])('takes empty matrices: %d x %d x %d', (rows, inner, columns) => {
    for (const [transposeA, transposeB] of flips) {
      const [a, b] = [
        tf.zeros(transposeA ? [inner, rows] : [rows, inner]) as tf.Tensor2D,
        tf.zeros(transposeB ? [columns, inner] : [inner, columns]) as tf.Tensor2D,
      ];
      const { ours } = both(() => tf.matMul(a, b, transposeA, transposeB));
      expect(ours.shape).toEqual([rows, columns]);
      expect(Array.from(ours.dataSync())).toEqual(new Array(rows * columns).fill(0));
    }
  });

  it('keeps its addresses when the memory grows', () => {
    const { memory } = (tf.backend() as WasmBackend).wasm.asm!;
    const [a, b] = operands(1024, 8, 2048, false, false);
    const expected = tf.matMul(a, b).dataSync();
    const undo = completeWasm();
    const size = memory!.buffer.byteLength;
    const results: tf.Tensor[] = [];
    while (memory!.buffer.byteLength === size) results.push(tf.matMul(a, b)); // 8 MB each
    undo();
    for (const result of results) expect(sameBits(result.dataSync(), expected)).toBe(true);
    tf.dispose(results);
  });

  it("puts the backend's own kernels back", () => {
    const kernels = () => ['BatchMatMul', '_FusedMatMul'].map((name) => tf.getKernel(name, 'wasm').kernelFunc);
    const { stock, ours } = both(kernels);
    ours.forEach((kernel, i) => {
      expect(kernel).not.toBe(stock[i]);
    });
    expect(kernels()).toEqual(stock);
  });

  it.each([64, 5])('leaves nothing behind but its result, %d rows', (rows) => {
    const undo = completeWasm();
    const [a, b] = operands(rows, 120, 100, true, true);
    const before = { tensors: tf.memory().numTensors, data: tf.backend().numDataIds() };
    tf.matMul(a, b, true, true).dispose();
    tf.fused.matMul({ a, b, transposeA: true, transposeB: true, bias: tf.zeros([100]) }).dispose();
    expect(tf.backend().numDataIds()).toBe(before.data + 1); // the bias
    expect(tf.memory().numTensors).toBe(before.tensors + 1);
    undo();
  });
});
