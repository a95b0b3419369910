import { availableParallelism } from 'node:os';
import type { DataLoader, EncodedDataset, ImageDataset } from '@kd/core';
import { createProcessor, type ImageProcessor, MNIST_NORMALIZATION, subset } from '@kd/data';
import { dataLoader, processedDataset } from '@kd/data/node';

/** What the two sides do alike. */
export type Task = 'vit' | 'mobilenet' | 'mnist';

export interface Case {
  name: string;
  task: Task;
  batchSize: number;
  loader: DataLoader;
}

export const PROCESSORS: Readonly<Record<'vit' | 'mobilenet', ImageProcessor>> = {
  vit: createProcessor({ image_processor_type: 'ViTImageProcessor' }), // 256 to 224, resampled
  mobilenet: createProcessor({ image_processor_type: 'MobileNetV2ImageProcessor' }), // 224 out of the middle of 256
};

const BATCH = 32;

const cores = availableParallelism();

/** Threads of ours: none, those of the default, and one for each core as Python's workers. */
export const WORKERS: readonly number[] = [...new Set([0, Math.max(1, cores - 1), Math.max(2, cores)])];

export const inWords = (workers: number): string => `${workers} worker${workers === 1 ? '' : 's'}`;

/** Our side of the comparison. The caches are made here, in `cacheDir`, and not timed. */
export async function createCases(
  beans: EncodedDataset,
  digits: ImageDataset,
  { images, cacheDir }: { images: number; cacheDir: string },
): Promise<Case[]> {
  const some = subset(
    beans,
    Array.from({ length: Math.min(images, beans.length) }, (_, i) => i),
  );
  const options = { batchSize: BATCH, shuffle: true };
  const cases: Case[] = [];
  for (const task of ['vit', 'mobilenet'] as const) {
    const processor = PROCESSORS[task];
    const cached = await processedDataset(some, processor, { cacheDir });
    const add = (name: string, loader: DataLoader): void =>
      void cases.push({ name: `beans ${task}, ${name}`, task, batchSize: BATCH, loader });
    for (const output of ['float32', 'uint8'] as const) {
      for (const workers of WORKERS) {
        add(`cold, ${output}, ${inWords(workers)}`, dataLoader(some, { ...options, processor, output, workers }));
      }
    }
    add('cached, float32', dataLoader(cached, { ...options, processor }));
    add('cached, uint8', dataLoader(cached, { ...options, processor, output: 'uint8' }));
  }
  const mnist = { batchSize: 64, shuffle: true };
  const normalize = MNIST_NORMALIZATION;
  for (const output of ['float32', 'uint8'] as const) {
    const loader = dataLoader(digits, { ...mnist, normalize, output });
    cases.push({ name: `mnist, ${output}`, task: 'mnist', batchSize: 64, loader });
  }
  return cases;
}
