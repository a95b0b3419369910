import * as tf from '@tensorflow/tfjs-core';
import { batchNormInference, batchNormTraining, layerNorm } from '../../index.ts';
import type { OpCase } from '../check-op.ts';
import { batchNormReference } from '../references/batch-norm.ts';
import { layerNormReference } from '../references/layer-norm.ts';
import { type NdArray, ndArray, randomArray } from '../references/nd-array.ts';
import { any } from './any.ts';

const perChannel = (channels: number): NdArray[] => [
  randomArray([channels], 2, { mean: 1 }),
  randomArray([channels], 3),
];

/** One of the results of `batchNormTraining`; only the output has a gradient. */
const batchNormCase = (shape: number[], epsilon: number, which: 'output' | 'mean' | 'variance'): OpCase => ({
  name: `batchNormTraining [${shape}] epsilon ${epsilon}: ${which}`,
  op: any((x: tf.Tensor, gamma: tf.Tensor1D, beta: tf.Tensor1D) =>
    tf.tidy(() => batchNormTraining(x, gamma, beta, epsilon)[which]),
  ),
  reference: (x, gamma, beta) => batchNormReference(x!, gamma!, beta!, epsilon)[which],
  inputs: () => [randomArray(shape, 1, { mean: 2 }), ...perChannel(shape.at(-1)!)],
  hasGradients: which === 'output',
});

const layerNormCase = (shape: number[], epsilon: number): OpCase => ({
  name: `layerNorm [${shape}] epsilon ${epsilon}`,
  op: any((x: tf.Tensor, gamma: tf.Tensor1D, beta: tf.Tensor1D) => layerNorm(x, gamma, beta, epsilon)),
  reference: (x, gamma, beta) => layerNormReference(x!, gamma!, beta!, epsilon),
  inputs: () => [randomArray(shape, 1, { mean: 2 }), ...perChannel(shape.at(-1)!)],
});

const BATCHES = [
  [3, 1],
  [64, 3],
  [8, 5, 3, 7],
  [1, 4, 4, 8],
];

export const STATISTICS_CASES: readonly OpCase[] = BATCHES.flatMap((shape) => [
  batchNormCase(shape, 1e-3, 'mean'),
  batchNormCase(shape, 1e-3, 'variance'),
]);

export const NORMALIZATION_CASES: readonly OpCase[] = [
  ...BATCHES.flatMap((shape) => [batchNormCase(shape, 1e-3, 'output'), batchNormCase(shape, 1e-5, 'output')]),
  ...[
    [1, 5],
    [64, 3],
    [8, 5, 3, 7],
    [1, 4, 4, 8],
  ].flatMap((shape) => [layerNormCase(shape, 1e-3), layerNormCase(shape, 1e-6)]),
  {
    name: 'batchNormInference',
    op: any((x: tf.Tensor, ...[gamma, beta, mean, variance]: tf.Tensor1D[]) =>
      batchNormInference(x, gamma!, beta!, mean!, variance!, 1e-3),
    ),
    reference: (x, gamma, beta, mean, variance) =>
      ndArray(
        x!.shape,
        x!.data.map((value, i) => {
          const c = i % 3;
          const scale = gamma!.data[c]! / Math.sqrt(variance!.data[c]! + 1e-3);
          return (value - mean!.data[c]!) * scale + beta!.data[c]!;
        }),
      ),
    inputs: () => [
      randomArray([4, 3], 1),
      ...perChannel(3),
      randomArray([3], 4),
      randomArray([3], 5, { mean: 1, scale: 0.2 }),
    ],
  },
];
