import { availableParallelism } from 'node:os';
import { type EncodedDataset, type ImageDataset, KdError } from '@kd/core';
import { checkInteger } from '../checks.ts';
import type { DataLoaderOptions, ImageLoader } from '../data-loader.ts';
import { isEncoded } from '../dataset-kinds.ts';
import { checkGiven } from '../loader/check-options.ts';
import { createLoader } from '../loader/create-loader.ts';
import { isRebuildable } from '../rebuildable.ts';
import { decodeImage } from './decode-image.ts';
import { batchesInWorkers } from './loader-workers/batches-in-workers.ts';
import { workersAvailable } from './loader-workers/worker-pool.ts';
import { unfilledMemory } from './unfilled-memory.ts';

export interface NodeLoaderOptions extends DataLoaderOptions {
  /**
   * Threads that make batches of encoded images, >= 0; 0 makes them on this one. A processor, augmentation or decoder of
   * one's own runs on this thread in any case. Left out: one less than the cores, at most 4; none for fewer than 256
   * images, which are done before a thread has started, and in a bundle without `loader-workers/worker.js`.
   */
  workers?: number;
}

const FEW_IMAGES = 256;

/**
 * `dataLoader` of `@kd/data` with a decoder, `decodeImage`, and threads to run it on, so that a training step which keeps
 * this thread busy finds the next batch ready. Batches are equal to the bit for any number of `workers`.
 *
 * Each batch of encoded images is made by one worker, from the bytes that are read here: it decodes, resizes, augments and
 * normalises. `prefetch` is `max(2, workers)` unless given, and `concurrency` is shared out among them. All loaders of a
 * process share the threads; one without work keeps no process from exiting, and ends after 10 seconds.
 *
 * @throws {KdError} INVALID_ARGUMENT if `workers` is no integer >= 0, or above 0 in such a bundle; UNAVAILABLE from the
 *   loop if a worker ends; else as that one
 *
 * @example
 * import { createProcessor, encodedDataset } from '@kd/data';
 * import { dataLoader } from '@kd/data/node';
 * const gif = 'R0lGODdhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs='; // one white pixel
 * const read = async () => Uint8Array.from(atob(gif), (character) => character.charCodeAt(0));
 * const dataset = encodedDataset({ ids: ['a.gif', 'b.gif'], labels: [0, 1], read });
 * const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: 32 });
 * for await (const { images } of dataLoader(dataset, { batchSize: 2, processor })) {
 *   console.log(images.shape, images.data[0]); // [ 2, 32, 32, 3 ] 1
 * }
 */
export function dataLoader(dataset: ImageDataset | EncodedDataset, options: NodeLoaderOptions): ImageLoader {
  checkGiven(options);
  const workers = workersFor(dataset, options);
  const elsewhere = workers > 0 ? batchesInWorkers(workers) : undefined;
  const defaults = { decode: decodeImage, prefetch: Math.max(2, workers) };
  return createLoader(dataset, { ...defaults, ...options }, { elsewhere, allocate: unfilledMemory });
}

function workersFor(dataset: ImageDataset | EncodedDataset, options: NodeLoaderOptions): number {
  const { workers, processor, teacherProcessor, augment, decode } = options;
  if (workers !== undefined) checkInteger('dataLoader', 'workers', workers, 0, Number.POSITIVE_INFINITY);
  const own =
    decode !== undefined || [processor, teacherProcessor, augment].some((made) => made && !isRebuildable(made));
  if (own || !isEncoded(dataset)) return 0;
  if (workersAvailable()) return workers ?? (dataset.length < FEW_IMAGES ? 0 : Math.min(4, availableParallelism() - 1));
  if (!workers) return 0;
  throw new KdError(
    'INVALID_ARGUMENT',
    `dataLoader: workers is ${workers}, but their file is not there: keep @kd/data out of the bundle, or pass workers: 0`,
    { workers },
  );
}
