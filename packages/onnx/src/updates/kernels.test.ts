import '@tensorflow/tfjs-backend-cpu';
import { adamUpdate, emaUpdate, sgdUpdate } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { allocateFlat } from './flat-memory.ts';
import { jsKernels } from './js-kernels.ts';
import type { UpdateKernels } from './kernels.ts';
import { wasmKernels } from './wasm-kernels.ts';

const NAMES = ['value', 'gradient', 'first', 'second'];

/** Runs both kinds of kernels on the same values and gives what each leaves behind. */
function both(
  inputs: readonly Float32Array[],
  use: (kernels: UpdateKernels, addresses: readonly number[], count: number) => unknown,
): [wasm: unknown[], js: unknown[]] {
  const count = inputs[0]!.length;
  return [wasmKernels, jsKernels].map((make) => {
    const { memory, arrays } = allocateFlat(NAMES, count);
    inputs.forEach((input, i) => {
      arrays[NAMES[i]!]!.set(input);
    });
    const addresses = NAMES.map((name) => arrays[name]!.byteOffset);
    const result = use(make(memory)!, addresses, count);
    return [result, ...NAMES.map((name) => new Int32Array(arrays[name]!.slice().buffer))];
  }) as [unknown[], unknown[]];
}

const number = fc.oneof(
  { weight: 3, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e4, max: 1e4 }) },
  fc.constantFrom(0, -0, 1e-45, -1e-40, 2 ** -126, -(2 ** -126) * 0.9, 2 ** -58, -(2 ** -58) * 0.9, 1e-30),
);
const inputs = fc
  .integer({ min: 1, max: 40 })
  .chain((fours) => fc.tuple(...NAMES.map(() => fc.array(number, { minLength: 4 * fours, maxLength: 4 * fours }))))
  .map((lists) => lists.map((list, i) => Float32Array.from(list, i === 3 ? Math.abs : (x) => x)));
const share = fc.double({ min: 0, max: 0.9999, noNaN: true });
const rate = fc.double({ min: 1e-6, max: 10, noNaN: true });

it('WebAssembly and TypeScript give the same bits', async () => {
  await fc.assert(
    fc.property(inputs, share, share, rate, fc.boolean(), (values, a, b, positive, nesterov) => {
      const sgd = { scale: a, rate: positive, decay: b };
      const adam = { scale: b, beta1: a, beta2: b, root: 0.3, epsilon: 1e-8, rate: positive, keep: a };
      const uses: ((kernels: UpdateKernels, at: readonly number[], count: number) => unknown)[] = [
        (kernels, at, count) => kernels.sgd(at[0]!, at[1]!, count, sgd),
        (kernels, at, count) => kernels.momentum(at[0]!, at[1]!, at[2]!, count, { ...sgd, momentum: a, nesterov }),
        (kernels, at, count) => kernels.adam(at[0]!, at[1]!, at[2]!, at[3]!, count, adam),
        (kernels, at, count) => kernels.ema(at[0]!, at[1]!, count, a),
        (kernels, at, count) => kernels.accumulate(at[0]!, at[1]!, count),
        (kernels, at, count) => kernels.sumOfSquares(at[0]!, count),
      ];
      for (const use of uses) {
        const [wasm, js] = both(values, use);
        expect(wasm).toEqual(js);
      }
    }),
  );
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'a gradient of %s shows in all that it touches',
  (bad) => {
    const inputs = [1, bad, 0, 0].map((x) => new Float32Array(4).fill(x));
    const adam = { scale: 1, beta1: 0.9, beta2: 0.999, root: 0.3, epsilon: 1e-8, rate: 1e-3, keep: 1 };
    for (const result of both(inputs, (to, at, n) => to.adam(at[0]!, at[1]!, at[2]!, at[3]!, n, adam))) {
      const [, value, , first, second] = result.map((bits) => bits && new Float32Array((bits as Int32Array).buffer)[0]);
      expect([value, first, second]).toEqual([Number.NaN, bad, bad * bad]);
    }
  },
);

it('what no longer learns ends at 0, and not among the slow numbers below 2^-126', () => {
  const [value, gradient] = [Float32Array.of(1, 1, 1, 1), Float32Array.of(0, 1e-45, -1e-20, 1e-15)];
  const moments = [1e-35, -1e-35, 1e-38, 0];
  const adam = { scale: 1, beta1: 0.9, beta2: 0.9, root: 1, epsilon: 1e-8, rate: 1e-3, keep: 1 };
  const [wasm, js] = both(
    [value, gradient, Float32Array.from(moments), Float32Array.from(moments, Math.abs)],
    (to, at, n) => {
      for (let step = 0; step < 200; step++) to.adam(at[0]!, at[1]!, at[2]!, at[3]!, n, adam);
    },
  );
  expect(wasm).toEqual(js);
  const after = wasm as Int32Array[];
  const [first, second] = [after[3]!, after[4]!].map((bits) => Array.from(new Float32Array(bits.buffer)));
  expect(first!.slice(0, 3)).toEqual([0, 0, 0]);
  expect(first![3]! / 1e-15).toBeCloseTo(1, 5);
  expect(second!.slice(0, 3)).toEqual([0, 0, 0]);
  expect(second![3]! / 1e-30).toBeCloseTo(1, 5);

  const sgd = { scale: 1, rate: 0.1, decay: 0, momentum: 0.9, nesterov: false };
  const [, , , velocity] = both(
    [value, Float32Array.of(0, 1e-45, -1e-40, 1e-20), Float32Array.from(moments)],
    (to, at, n) => {
      for (let step = 0; step < 200; step++) to.momentum(at[0]!, at[1]!, at[2]!, n, sgd);
    },
  )[0];
  expect(Array.from(new Float32Array((velocity as Int32Array).buffer)).slice(0, 3)).toEqual([0, 0, 0]);
});

it('the average of equal values keeps their bits', async () => {
  await fc.assert(
    fc.property(inputs, share, ([value], decay) => {
      const [wasm, js] = both([value!, value!], (kernels, at, count) => kernels.ema(at[0]!, at[1]!, count, decay));
      expect(wasm).toEqual(js);
      expect(wasm[1]).toEqual(new Int32Array(Float32Array.from(value!, (x) => x + 0).buffer)); // -0 + 0 is 0
    }),
  );
});

it('gives what the tensor form of @kd/ops gives, whose order of operations it has', () => {
  const values = [1, 2, 3, 4].map((seed) => tf.randomNormal([1024], 0, 1, 'float32', seed));
  const [value, gradient, first] = values as [tf.Tensor, tf.Tensor, tf.Tensor];
  const second = tf.square(values[3]!);
  const arrays = [value, gradient, first, second].map((tensor) => tensor.dataSync() as Float32Array);
  const adam = { learningRate: 3e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 7, weightDecay: 0.1 };
  const [root, adamRate] = [Math.sqrt(1 - 0.999 ** 7), 3e-4 / (1 - 0.9 ** 7)];
  const sgd = { scale: 1, rate: 0.1, decay: 1e-3 };
  const cases: [tf.Tensor[], (kernels: UpdateKernels, at: readonly number[], count: number) => void, number[]][] = [
    [
      adamUpdate(value, gradient, first, second, adam),
      (kernels, [x, g, m, v], n) =>
        kernels.adam(x!, g!, m!, v!, n, { ...adam, scale: 1, root, rate: adamRate, keep: 1 - 3e-5 }),
      [0, 2, 3],
    ],
    [
      sgdUpdate(value, gradient, undefined, { learningRate: 0.1, weightDecay: 1e-3 }),
      (kernels, [x, g], n) => kernels.sgd(x!, g!, n, sgd),
      [0],
    ],
    [
      sgdUpdate(value, gradient, first, { learningRate: 0.1, weightDecay: 1e-3, momentum: 0.9, nesterov: true }),
      (kernels, [x, g, v], n) => kernels.momentum(x!, g!, v!, n, { ...sgd, momentum: 0.9, nesterov: true }),
      [0, 2],
    ],
    [[emaUpdate(value, gradient, 0.99)], (kernels, [x, g], n) => kernels.ema(x!, g!, n, 0.99), [0]],
  ];
  for (const [expected, use, places] of cases) {
    const [[, ...after]] = both(arrays, use);
    places.forEach((place, i) => {
      const got = new Float32Array((after[place] as Int32Array).buffer);
      expected[i]!.dataSync().forEach((want, j) => {
        expect(Math.abs(got[j]! - want)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(want)));
      });
    });
  }
});
