import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncodedDataset } from '@kd/core';
import { createProcessor, subset } from '@kd/data';
import { loadDataset, processedDataset } from '@kd/data/node';
import { onnxEngine } from '@kd/onnx/node';
import { distill } from '@kd/train/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { now, startClock } from './clock.ts';
import type { TurnOptions } from './columns.ts';
import { RECIPE, type Turn } from './turn.ts';

export interface RecipeOptions extends TurnOptions {
  /** Threads that prepare images. */
  workers: number;
  /** Whether images are prepared once, by `processedDataset`. */
  prepared: boolean;
  /** When the process began, in seconds of `performance.now()`: it may be negative. @default now */
  started?: number;
  /** Side of the images. @default 224 */
  imageSize?: number;
  networks: (classNames: readonly string[]) => { teacher: LayersModel; student: LayersModel };
}

/** Every so many of them: the classes come one after the other. */
function some(dataset: EncodedDataset, count: number): EncodedDataset {
  const indices = Array.from({ length: count }, (_, i) => Math.floor((i * dataset.length) / count));
  return subset(dataset, indices);
}

/** `distill` as the guide has it, on a part of the photographs. */
export async function runRecipe({
  beans,
  steps,
  validation,
  epochs,
  threads,
  workers,
  prepared,
  started = now(),
  imageSize = 224,
  networks,
}: RecipeOptions): Promise<Turn> {
  const data = await loadDataset(beans);
  const { teacher, student } = networks(data.classNames);
  const outputDir = await mkdtemp(join(tmpdir(), 'kd-bench-beans-'));
  const size = { height: imageSize, width: imageSize };
  const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size });
  const sizes = { train: steps * RECIPE.batchSize, validation };
  const clock = startClock(onnxEngine({ threads }), sizes);
  const open = (name: 'train' | 'validation') => {
    const photographs = some(data.splits[name]!, sizes[name]);
    return prepared ? processedDataset(photographs, processor, { cacheDir: join(outputDir, 'images') }) : photographs;
  };
  const ready = now();
  try {
    const splits = { train: await open('train'), validation: await open('validation') };
    const opened = now();
    await distill({
      ...splits,
      teacher,
      student,
      processor,
      dataloaderNumWorkers: workers,
      temperature: 5,
      lambda: 0.5,
      epochs,
      loggingStrategy: 'epoch',
      evalStrategy: 'epoch',
      saveStrategy: 'epoch',
      loadBestModelAtEnd: true,
      metricForBestModel: 'accuracy',
      engine: clock.engine,
      callbacks: [clock.callback],
      outputDir,
    });
    const { user, system } = process.cpuUsage();
    return {
      start: ready - started,
      ...(prepared && { prepared: { images: sizes.train + sizes.validation, seconds: opened - ready } }),
      labelled: { images: sizes.train, seconds: clock.epochs[0]!.teacher },
      epochs: clock.epochs,
      rest: clock.began - opened + now() - clock.ended,
      cpu: (user + system) / 1e6,
      megabytes: process.resourceUsage().maxRSS / 1e3,
    };
  } finally {
    await rm(outputDir, { recursive: true });
  }
}
