import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectMatchesReference } from '../../../../ops/src/testing/check-op.ts';
import { type NdArray, ndArray, randomArray } from '../../../../ops/src/testing/references/nd-array.ts';
import {
  conv2dReference,
  depthwiseConv2dReference,
  maxPoolReference,
  type Windows,
} from '../../../../ops/src/testing/references/windows.ts';
import { completeWasm } from '../install.ts';

type Pad = 'same' | 'valid' | number | [[number, number], [number, number]];

/** [batch, height, width, channels], [filter height, width], outputs or multiplier, [strides], padding. */
type Case = [number[], [number, number], number, [number, number], Pad];

const CONVOLUTIONS: Case[] = [
  [[8, 4, 4, 8], [1, 1], 9, [1, 1], 'same'],
  [[1, 7, 5, 24], [1, 1], 8, [1, 1], 'valid'],
  [[1, 5, 5, 4], [1, 1], 9, [2, 2], 'same'],
  [[1, 1, 3, 5], [1, 1], 8, [1, 1], 'valid'], // fewer positions than a tile has rows
  [[2, 5, 4, 3], [1, 1], 8, [1, 1], 'valid'], // fewer channels than a tile has rows or columns
  [[1, 8, 8, 3], [3, 3], 8, [2, 2], 'same'],
  [[2, 6, 5, 4], [3, 3], 9, [1, 1], 'same'],
  [[2, 7, 6, 5], [3, 2], 9, [2, 1], 'valid'],
  [[1, 7, 7, 2], [5, 5], 8, [2, 2], 2],
  [[1, 10, 9, 3], [3, 3], 8, [2, 2], 1], // 10 rows leave one over
  [[2, 6, 6, 3], [3, 3], 8, [1, 2], [[0, 1], [2, 1]]], // biome-ignore format: a table
  [[1, 5, 5, 3], [7, 7], 10, [1, 1], 'same'], // the filter is larger than the image
  [[1, 5, 5, 2], [1, 1], 8, [3, 3], 3], // windows that see nothing of the image
  [[8, 5, 5, 2], [3, 3], 5, [2, 2], 'same'], // fewer outputs than a tile has columns
  [[1, 4, 4, 1], [2, 2], 1, [2, 2], 'valid'],
];

const DEPTHWISE: Case[] = [
  [[8, 4, 4, 4], [3, 3], 1, [1, 1], 'same'],
  [[1, 9, 7, 16], [3, 3], 1, [2, 2], 'same'],
  [[2, 8, 8, 4], [5, 5], 1, [2, 2], 'same'],
  [[1, 7, 7, 3], [3, 3], 1, [1, 1], 'valid'],
  [[2, 7, 6, 5], [2, 3], 2, [1, 1], 'same'],
  [[1, 6, 6, 2], [3, 3], 4, [2, 2], 'valid'],
  [[1, 8, 7, 4], [3, 3], 1, [2, 2], 1],
  [[1, 5, 5, 1], [3, 3], 3, [2, 1], [[0, 1], [1, 1]]], // biome-ignore format: a table
  [[1, 4, 4, 4], [1, 1], 1, [2, 2], 'same'],
  [[1, 3, 3, 4], [5, 5], 1, [1, 1], 'same'],
];

const POOLS: Case[] = [
  [[2, 6, 6, 4], [2, 2], 1, [2, 2], 'valid'],
  [[1, 7, 7, 8], [3, 3], 1, [2, 2], 'same'],
  [[1, 7, 6, 3], [3, 2], 1, [1, 2], 'same'],
  [[2, 5, 5, 1], [3, 3], 1, [1, 1], 'valid'],
  [[1, 8, 8, 4], [3, 3], 1, [2, 2], 1],
];

const windowsOf = (strides: [number, number], pad: Pad): Windows => ({
  strides,
  padding: typeof pad === 'number' ? [[pad, pad], [pad, pad]] : pad, // biome-ignore format: a table
});

/** What TF.js' ops take. */
const toTensorFlow = (pad: Pad) => (Array.isArray(pad) ? [[0, 0], ...pad, [0, 0]] : pad) as 'same';

const nameOf = ([shape, field, outputs, strides, pad]: Case): string =>
  `[${shape}] * [${field}] -> ${outputs}, strides ${strides}, padding ${JSON.stringify(pad)}`;

/** Averages over what of a window is in the image. */
function averagePoolReference(x: NdArray, [rows, columns]: [number, number], windows: Windows): NdArray {
  const channels = x.shape[3]!;
  const ones = ndArray([rows, columns, channels, 1], new Float64Array(rows * columns * channels).fill(1));
  const image = ndArray(x.shape, new Float64Array(x.data.length).fill(1));
  const [sums, counts] = [x, image].map((each) => depthwiseConv2dReference(each, ones, windows)) as [NdArray, NdArray];
  return ndArray(
    sums.shape,
    sums.data.map((sum, i) => sum / counts.data[i]!),
  );
}

/**
 * Values and gradients of TF.js' own ops on the completed backend, against doubles.
 *
 * @param prepare runs once before; gives a function that runs after
 */
export function describeConvolutions(name: string, prepare: () => () => void = () => () => {}): void {
  describe(name, () => {
    const undo: (() => void)[] = [];
    beforeAll(async () => {
      await tf.setBackend('wasm');
      undo.push(prepare());
      undo.push(completeWasm());
    });
    afterAll(() => {
      for (const each of undo.reverse()) each();
      expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBeUndefined();
    });

    it.each(CONVOLUTIONS.map((each) => [nameOf(each), each] as const))('convolves %s', async (_, each) => {
      const [shape, field, outputs, strides, pad] = each;
      await expectMatchesReference({
        name: nameOf(each),
        op: (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, toTensorFlow(pad)),
        reference: (x, filter) => conv2dReference(x!, filter!, windowsOf(strides, pad)),
        inputs: () => [randomArray(shape, 1), randomArray([...field, shape[3]!, outputs], 2)],
      });
    });

    it.each(DEPTHWISE.map((each) => [nameOf(each), each] as const))('convolves each channel of %s', async (_, each) => {
      const [shape, field, multiplier, strides, pad] = each;
      await expectMatchesReference({
        name: nameOf(each),
        op: (x, filter) => tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, toTensorFlow(pad)),
        reference: (x, filter) => depthwiseConv2dReference(x!, filter!, windowsOf(strides, pad)),
        inputs: () => [randomArray(shape, 1), randomArray([...field, shape[3]!, multiplier], 2)],
      });
    });

    it.each(POOLS.map((each) => [nameOf(each), each] as const))('takes the largest of %s', async (_, each) => {
      const [shape, field, , strides, pad] = each;
      await expectMatchesReference({
        name: nameOf(each),
        op: (x) => tf.maxPool(x as tf.Tensor4D, field, strides, toTensorFlow(pad)),
        reference: (x) => maxPoolReference(x!, field, windowsOf(strides, pad)),
        inputs: () => [randomArray(shape, 1)],
      });
    });

    it.each(POOLS.map((each) => [nameOf(each), each] as const))('averages %s', async (_, each) => {
      const [shape, field, , strides, pad] = each;
      await expectMatchesReference({
        name: nameOf(each),
        op: (x) => tf.avgPool(x as tf.Tensor4D, field, strides, toTensorFlow(pad)),
        reference: (x) => averagePoolReference(x!, field, windowsOf(strides, pad)),
        inputs: () => [randomArray(shape, 1)],
      });
    });

    it('adds up the rows that tf.gather took', async () => {
      const rows = tf.tensor1d([2, 0, 2, 4], 'int32');
      await expectMatchesReference({
        name: 'gather',
        op: (x) => tf.gather(x, rows),
        reference: (x) =>
          ndArray(
            [4, 3],
            [2, 0, 2, 4].flatMap((row) => Array.from(x!.data.slice(3 * row, 3 * row + 3))),
          ),
        inputs: () => [randomArray([5, 3], 1)],
      });
    });
  });
}
