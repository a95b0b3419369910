import { selectBackend } from '@kd/backend/node';
import type { DataLoader } from '@kd/core';
import { type DataLoaderOptions, dataLoader, MNIST_NORMALIZATION, subset } from '@kd/data';
import { loadMnist } from '@kd/data/node';
import { type MlpOptions, mlp } from '@kd/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';

await selectBackend({ backend: 'wasm' });
const { train, test } = await loadMnist();

export const classNames: readonly string[] = train.classNames;

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** The first images of MNIST: real, and few enough for a test. */
export function digits(samples: number, options: Partial<DataLoaderOptions> = {}): DataLoader {
  const normalize = MNIST_NORMALIZATION;
  return dataLoader(subset(train, range(0, samples)), { batchSize: 32, shuffle: true, seed: 5, normalize, ...options });
}

export function testDigits(samples: number): DataLoader {
  return dataLoader(subset(test, range(0, samples)), { batchSize: 100, normalize: MNIST_NORMALIZATION });
}

/** A small network with everything that has a state: batch-norm, dropout, max-norm. */
export function network(options: Partial<MlpOptions> = {}): LayersModel {
  return mlp({ hiddenSizes: [32, 24], classNames, batchNorm: true, dropout: 0.2, maxNorm: 3, seed: 1, ...options });
}
