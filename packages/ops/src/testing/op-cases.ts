import * as tf from '@tensorflow/tfjs-core';
import { attention, dropout, embeddingLookup, gelu, relu6, softTargetCrossEntropy } from '../index.ts';
import { any } from './cases/any.ts';
import { NORMALIZATION_CASES, STATISTICS_CASES } from './cases/normalization.ts';
import { WINDOW_CASES } from './cases/windows.ts';
import type { OpCase } from './check-op.ts';
import { geluReference, relu6Reference } from './references/activations.ts';
import { attentionReference } from './references/attention.ts';
import { embeddingLookupReference, softTargetCrossEntropyReference } from './references/lookups.ts';
import { type NdArray, ndArray, randomArray } from './references/nd-array.ts';

const ATTENTION_CASES: OpCase[] = [
  [1, 1, 5, 4],
  [2, 3, 7, 5],
  [8, 2, 4, 8],
].flatMap((shape) =>
  [0.3, undefined].map((scale) => ({
    name: `attention [${shape}] scale ${scale}`,
    op: any((query: tf.Tensor4D, key: tf.Tensor4D, value: tf.Tensor4D) =>
      attention(query, key, value, scale === undefined ? {} : { scale }),
    ),
    reference: (query: NdArray, key: NdArray, value: NdArray) =>
      attentionReference(query, key, value, scale ?? shape[3]! ** -0.5),
    inputs: () => [1, 2, 3].map((seed) => randomArray(shape, seed)),
  })),
);

const INDICES = [2, 0, 2, 2, 5];
const MASK = [1, 0, 1, 1, 0, 0];

/** What ops return besides, without gradients: the statistics that a batch-norm keeps. */
export const VALUE_CASES: readonly OpCase[] = STATISTICS_CASES;

/** Every differentiable op of this package on many shapes, for the tests of any backend. */
export const OP_CASES: readonly OpCase[] = [
  ...NORMALIZATION_CASES,
  ...WINDOW_CASES,
  ...ATTENTION_CASES,
  ...[
    [1, 5],
    [8, 3, 3, 4],
  ].flatMap((shape): OpCase[] => [
    {
      name: `relu6 [${shape}]`,
      op: any(relu6),
      reference: relu6Reference,
      inputs: () => [randomArray(shape, 1, { mean: 3, scale: 3 })],
    },
    {
      name: `gelu [${shape}]`,
      op: any(gelu),
      reference: geluReference,
      inputs: () => [randomArray(shape, 1, { scale: 2 })],
    },
  ]),
  {
    name: 'embeddingLookup',
    op: any((table: tf.Tensor2D) => tf.tidy(() => embeddingLookup(table, tf.tensor1d(INDICES, 'int32')))),
    reference: (table) => embeddingLookupReference(table!, INDICES),
    inputs: () => [randomArray([6, 3], 1)],
  },
  {
    name: 'softTargetCrossEntropy',
    op: any(softTargetCrossEntropy),
    reference: softTargetCrossEntropyReference as OpCase['reference'],
    inputs: () => [randomArray([4, 5], 1, { scale: 2 }), randomArray([4, 5], 2, { mean: 0.5, scale: 0.1 })],
  },
  {
    name: 'dropout',
    op: any((x: tf.Tensor) => tf.tidy(() => dropout(x, tf.tensor(MASK, [2, 3]), 0.25))),
    reference: (x) =>
      ndArray(
        x!.shape,
        x!.data.map((value, i) => (value * MASK[i]!) / 0.75),
      ),
    inputs: () => [randomArray([2, 3], 1)],
  },
];
