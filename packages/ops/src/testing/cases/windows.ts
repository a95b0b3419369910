import type * as tf from '@tensorflow/tfjs-core';
import {
  type ConvolutionOptions,
  conv2d,
  depthwiseConv2d,
  globalAveragePool,
  type MaxPoolOptions,
  maxPool,
} from '../../index.ts';
import type { OpCase } from '../check-op.ts';
import { type NdArray, randomArray } from '../references/nd-array.ts';
import {
  conv2dReference,
  depthwiseConv2dReference,
  globalAveragePoolReference,
  maxPoolReference,
  type Windows,
} from '../references/windows.ts';
import { any } from './any.ts';

const pair = (value: number | readonly [number, number]) =>
  typeof value === 'number' ? ([value, value] as const) : value;

function windowsOf({ strides = 1, padding = 'valid', dilations = 1 }: ConvolutionOptions): Windows {
  const amounts = typeof padding === 'number' ? ([pair(padding), pair(padding)] as const) : padding;
  return { strides: pair(strides), padding: amounts, dilations: pair(dilations) };
}

/** [x shape, filter's [height, width], options]: strides, paddings, odd sizes, windows that reach no end. */
const WINDOWS: [number[], [number, number], ConvolutionOptions][] = [
  [[1, 5, 5, 3], [1, 1], {}],
  [[8, 4, 4, 2], [1, 1], { strides: 2 }],
  [[1, 6, 6, 2], [3, 3], { padding: 'same' }],
  [[8, 7, 5, 3], [3, 3], { padding: 'same', strides: 2 }],
  [[2, 6, 6, 2], [3, 3], { padding: 'same', strides: 2 }],
  [[2, 7, 6, 2], [3, 2], { padding: 'valid', strides: 2 }],
  [[1, 8, 8, 2], [3, 3], { padding: 1, strides: 2 }],
  [[2, 7, 7, 2], [3, 3], { padding: 1, strides: 2 }],
  [[1, 6, 9, 2], [2, 5], { padding: 2, strides: [2, 3] }],
  [[1, 9, 9, 3], [7, 7], { padding: 3, strides: 2 }],
  [
    [1, 5, 6, 2],
    [3, 3],
    {
      padding: [
        [0, 1],
        [2, 0],
      ],
    },
  ],
  [[1, 8, 8, 2], [2, 2], { strides: 3 }],
  [[2, 5, 5, 2], [1, 1], { padding: 1, strides: 2 }],
  [[1, 4, 4, 2], [2, 2], { padding: 'same', strides: 3 }],
];

const DILATED: typeof WINDOWS = [
  [[1, 8, 7, 2], [3, 3], { dilations: 2 }],
  [[2, 7, 7, 2], [3, 3], { padding: 'same', dilations: 2 }],
  [[1, 7, 8, 2], [3, 2], { padding: 2, dilations: [2, 3] }],
];

const label = (shape: number[], field: readonly number[], options: object, more = '') =>
  `[${shape}] by [${field}] ${JSON.stringify(options)}${more}`;

const CONV2D_CASES: OpCase[] = [...WINDOWS, ...DILATED].flatMap(([shape, field, options], i) =>
  [1, 4].map((outputs) => ({
    name: `conv2d ${label(shape, field, options, ` to ${outputs}`)}`,
    op: any((x: tf.Tensor4D, filter: tf.Tensor4D) => conv2d(x, filter, options)),
    reference: (x: NdArray, filter: NdArray) => conv2dReference(x, filter, windowsOf(options)),
    inputs: () => [randomArray(shape, i), randomArray([...field, shape[3]!, outputs], i + 100)],
  })),
);

const DEPTHWISE_CASES: OpCase[] = [...WINDOWS, ...DILATED].flatMap(([shape, field, options], i) =>
  [1, 3].map((multiplier) => ({
    name: `depthwiseConv2d ${label(shape, field, options, ` times ${multiplier}`)}`,
    op: any((x: tf.Tensor4D, filter: tf.Tensor4D) => depthwiseConv2d(x, filter, options)),
    reference: (x: NdArray, filter: NdArray) => depthwiseConv2dReference(x, filter, windowsOf(options)),
    inputs: () => [randomArray(shape, i), randomArray([...field, shape[3]!, multiplier], i + 100)],
  })),
);

/** A pool takes padding of less than its window only. */
const poolable = ([, field, { padding }]: (typeof WINDOWS)[number]): boolean =>
  typeof padding !== 'number' || padding < Math.min(...field);

const MAX_POOL_CASES: OpCase[] = WINDOWS.filter(poolable).map(([shape, size, options], i) => {
  const all = { size, strides: 1, ...options } as MaxPoolOptions;
  return {
    name: `maxPool ${label(shape, size, options)}`,
    op: any((x: tf.Tensor4D) => maxPool(x, all)),
    reference: (x: NdArray) => maxPoolReference(x, size, windowsOf(options)),
    inputs: () => [randomArray(shape, i, { mean: -3 })], // zeros as padding would be the largest
  };
});

const AVERAGE_CASES: OpCase[] = [
  [1, 1, 1, 3],
  [8, 5, 3, 2],
].map((shape) => ({
  name: `globalAveragePool [${shape}]`,
  op: any(globalAveragePool),
  reference: globalAveragePoolReference,
  inputs: () => [randomArray(shape, 1)],
}));

export const WINDOW_CASES: readonly OpCase[] = [
  ...CONV2D_CASES,
  ...DEPTHWISE_CASES,
  ...MAX_POOL_CASES,
  ...AVERAGE_CASES,
];
