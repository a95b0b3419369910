import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type EncodedDataset, fingerprint, type ImageDataset, KdError } from '@kd/core';
import { writeFolderAtomic } from '@kd/core/node';
import { checkInteger } from '../checks.ts';
import { orAbort } from '../loader/prefetch.ts';
import { type LocatedSample, withShortcut } from '../locate.ts';
import { once } from '../once.ts';
import type { ImageProcessor } from '../processors/image-processor.ts';
import { buildFolder, removeAbandoned } from './processed-cache/build-folder.ts';
import { cacheFiles } from './processed-cache/build-shards.ts';
import { FORMAT, type Manifest, readManifest, sha256 } from './processed-cache/manifest.ts';
import { putInPlace } from './processed-cache/put-in-place.ts';
import { shardReader } from './processed-cache/shard-reader.ts';

/** How far the images are. */
export interface ProcessingProgress {
  done: number;
  total: number;
  imagesPerSecond: number;
  /** At that rate. */
  secondsLeft: number;
}

export interface ProcessedDatasetOptions {
  /** Where caches are kept; each has a folder of its own in it. */
  cacheDir: string;
  /** What becomes of an image that cannot be read. @default 'throw' */
  onError?: 'throw' | 'skip';
  /** Images in work at a time, >= 1. @default 8 */
  concurrency?: number;
  /** Told after each image, if there is something to make. */
  onProgress?: (progress: ProcessingProgress) => void;
  /** Told, in a sentence, why a cache is made again. */
  onMessage?: (message: string) => void;
  /** Whether to read the files at opening, or to look at their sizes only: for caches of many gigabytes. @default 'checksums' */
  verify?: 'checksums' | 'sizes';
  /** Ends the making, with the signal's reason. */
  signal?: AbortSignal;
}

/** Images of one size, read from a cache on disk. */
export interface ProcessedDataset extends ImageDataset {
  /** The cache's folder. */
  readonly path: string;
  /** Samples that are left out because they cannot be read, with `onError: 'skip'`. */
  readonly skipped: readonly { index: number; id: string; message: string }[];
  /** Closes its files. */
  close(): void;
}

/**
 * Encoded images, decoded and resized once: uint8 pixels in Arrow files, which teacher, student and later runs read from.
 *
 * A cache belongs to the fingerprints of the data and of the processor's settings; with either changed another one is
 * made. It appears whole or not at all, so a run that was killed, and two that make the same one at once, do no harm; what a
 * killed one has left is removed when the next cache is made in `cacheDir` on that machine. Its files are checked when it is opened, and one that is damaged is made again. Images are read when asked for, and kept
 * nowhere: a cache may be larger than memory. 150 kB an image of 224 x 224.
 *
 * @returns a dataset of `processor.imageShape`, in the order of the encoded one. `close()` it when it is no longer needed
 * @throws {KdError} from the first image that cannot be read, unless `onError` is 'skip'
 *
 * @example
 * import { createProcessor, encodedDataset } from '@kd/data';
 * import { processedDataset } from '@kd/data/node';
 * const gif = 'R0lGODdhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs='; // one white pixel
 * const read = async () => Uint8Array.from(atob(gif), (character) => character.charCodeAt(0));
 * const encoded = encodedDataset({ ids: ['a.gif', 'b.gif'], labels: [0, 1], read });
 * const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: 32 });
 * const dataset = await processedDataset(encoded, processor, { cacheDir: 'cache' });
 * console.log(dataset.length, dataset.imageShape, dataset.get(1).id); // 2 [ 32, 32, 3 ] b.gif
 * dataset.close();
 */
export async function processedDataset(
  encoded: EncodedDataset,
  processor: ImageProcessor,
  options: ProcessedDatasetOptions,
): Promise<ProcessedDataset> {
  const { cacheDir, concurrency = 8, verify = 'checksums', onMessage } = options;
  checkInteger('processedDataset', 'concurrency', concurrency, 1, Number.POSITIVE_INFINITY);
  const dataPrint = await orAbort(encoded.fingerprint(), options.signal);
  const print = sha256(JSON.stringify([FORMAT, dataPrint, processor.config, options.onError ?? 'throw']));
  const path = join(cacheDir, print.slice(0, 32));
  const found = await readManifest(path, verify === 'checksums');
  if (found && 'manifest' in found) return openCache(encoded, path, found.manifest);
  if (found) onMessage?.(`processedDataset: the cache ${path} is made again: ${found.broken}`);
  return openCache(encoded, path, await makeCache(path, encoded, processor, dataPrint, { ...options, concurrency }));
}

async function makeCache(
  path: string,
  encoded: EncodedDataset,
  processor: ImageProcessor,
  dataPrint: string,
  { concurrency, onError = 'throw', onProgress, signal }: ProcessedDatasetOptions & { concurrency: number },
): Promise<Manifest> {
  const begin = performance.now();
  const total = encoded.length;
  let done = 0;
  const onImage = (): void => {
    done += 1;
    const imagesPerSecond = (1000 * done) / (performance.now() - begin);
    onProgress?.({ done, total, imagesPerSecond, secondsLeft: (total - done) / imagesPerSecond });
  };
  await removeAbandoned(dirname(path));
  const made = buildFolder(path);
  const build = { dataset: encoded, processor, fingerprint: dataPrint, onError, concurrency, onImage, signal };
  try {
    await writeFolderAtomic(made, cacheFiles(build));
    await putInPlace(made, path, async () => 'manifest' in ((await readManifest(path, true)) ?? {}));
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  // Gone for a moment, if another process took ours for the damaged one of before and is putting its own there.
  for (const milliseconds of [0, 20, 200]) {
    await setTimeout(milliseconds);
    const found = await readManifest(path, false);
    if (found && 'manifest' in found) return found.manifest;
  }
  throw new KdError('UNAVAILABLE', `processedDataset: the cache ${path} has changed while it was written; try again`, {
    path,
  });
}

function openCache(encoded: EncodedDataset, path: string, manifest: Manifest): ProcessedDataset {
  const { imageShape, skipped } = manifest;
  const reader = shardReader(path, manifest);
  const left = new Set(skipped.map(({ index }) => index));
  const rows = Uint32Array.from({ length: encoded.length }, (_, index) => index).filter((index) => !left.has(index));
  if (rows.length !== reader.rows) {
    reader.close();
    throw new KdError(
      'MISMATCH',
      `processedDataset: the cache ${path} has ${reader.rows} images, the data ${rows.length}`,
      {
        path,
      },
    );
  }
  // Pixels are read when they are looked at: who wants the label alone does not wait for the disk.
  const latest = new Uint8Array(imageShape[0] * imageShape[1] * imageShape[2]);
  const locate = (index: number): LocatedSample => {
    const { id, label } = encoded.info(rows[index]!);
    return {
      id,
      label,
      get data() {
        return reader.read(index, latest);
      },
      start: 0,
      readInto: (target, at) => void reader.read(index, target, at),
    };
  };
  const dataset: ProcessedDataset = {
    length: rows.length,
    imageShape,
    classNames: encoded.classNames,
    path,
    skipped,
    fingerprint: once(async () =>
      fingerprint([
        {
          name: 'processed',
          shape: [rows.length],
          data: new TextEncoder().encode(JSON.stringify([manifest.dataset, manifest.processor, [...left]])),
        },
      ]),
    ),
    get: (index) => {
      checkInteger('dataset.get', 'index', index, 0, rows.length);
      const { id, label } = encoded.info(rows[index]!);
      return { id, image: { data: reader.read(index), shape: imageShape }, ...(label !== undefined && { label }) };
    },
    close: () => reader.close(),
  };
  withShortcut(dataset, locate);
  return dataset;
}
