import { type EncodedDataset, KdError } from '@kd/core';
import type { FileContent } from '@kd/core/node';
import { encodedSource } from '../../loader/encoded-source.ts';
import { createLimiter, orAbort } from '../../loader/prefetch.ts';
import type { ImageProcessor } from '../../processors/image-processor.ts';
import { decodeImage } from '../decode-image.ts';
import { FORMAT, MANIFEST, type Manifest, manifestText, sha256 } from './manifest.ts';
import { encodeShard } from './shard-file.ts';

const SHARD_BYTES = 32 << 20; // of pixels; one shard is in memory at a time

export interface BuildOptions {
  dataset: EncodedDataset;
  processor: ImageProcessor;
  fingerprint: string;
  onError: 'throw' | 'skip';
  concurrency: number;
  /** After each image. */
  onImage: () => void;
  signal: AbortSignal | undefined;
}

interface Row {
  id: string;
  label: number | undefined;
  pixels: Uint8Array;
}

/** The files of a cache folder, each made when it is written: shards in order, then the manifest. */
export function cacheFiles(options: BuildOptions): Record<string, FileContent> {
  const { dataset, processor, fingerprint } = options;
  const shape = processor.imageShape;
  const size = shape[0] * shape[1] * shape[2];
  const rowsOfShard = Math.max(1, Math.floor(SHARD_BYTES / size));
  const manifest: Manifest = {
    format: FORMAT,
    dataset: fingerprint,
    processor: processor.config,
    imageShape: shape,
    shards: [],
    skipped: [],
  };
  const rows = processedRows(options, manifest.skipped, rowsOfShard);

  async function* shard(file: string): AsyncGenerator<Uint8Array> {
    const taken = await take(rows, rowsOfShard);
    const pixels = new Uint8Array(taken.length * size);
    taken.forEach((row, i) => {
      pixels.set(row.pixels, i * size);
    });
    const ids = taken.map(({ id }) => id);
    const labels = taken.map(({ label }) => label);
    const { bytes, pixels: start } = await encodeShard({ ids, labels, pixels, shape });
    manifest.shards.push({ file, rows: taken.length, bytes: bytes.length, sha256: sha256(bytes), pixels: start });
    yield bytes;
  }

  async function* last(): AsyncGenerator<Uint8Array> {
    if (manifest.skipped.length === dataset.length) {
      const { message } = manifest.skipped[0]!;
      throw new KdError('INVALID_DATA', `processedDataset: none of ${dataset.length} images can be read: ${message}`);
    }
    yield new TextEncoder().encode(manifestText(manifest));
  }

  const count = Math.ceil(dataset.length / rowsOfShard);
  const names = Array.from({ length: count }, (_, i) => `images-${String(i).padStart(5, '0')}.arrow`);
  return { ...Object.fromEntries(names.map((name) => [name, shard(name)])), [MANIFEST]: last() };
}

/** Samples in order, decoded and resized some at a time; those that cannot be read are left out. */
async function* processedRows(
  options: BuildOptions,
  skipped: Manifest['skipped'],
  ahead: number,
): AsyncGenerator<Row, undefined> {
  const { dataset, processor, onError, concurrency, onImage, signal } = options;
  const source = encodedSource(dataset, { decode: decodeImage, processor, augment: undefined, imageShape: undefined });
  const limit = createLimiter(concurrency);
  const load = async (index: number): Promise<Row | undefined> => {
    signal?.throwIfAborted();
    try {
      const { id, label, data } = await source.load(index);
      return { id: id as string, label, pixels: data as Uint8Array };
    } catch (error) {
      if (onError === 'throw') throw error;
      skipped.push({ index, id: dataset.info(index).id, message: (error as Error).message });
      return undefined;
    } finally {
      onImage();
    }
  };
  const begun: Promise<Row | undefined>[] = [];
  for (let index = 0; index < dataset.length || begun.length > 0; ) {
    while (index < dataset.length && begun.length < Math.min(ahead, 2 * concurrency)) {
      const next = index++;
      const row = limit(() => load(next));
      row.catch(() => {}); // heard when its turn comes
      begun.push(row);
    }
    const row = await orAbort(begun.shift()!, signal);
    if (row) yield row;
  }
  skipped.sort((a, b) => a.index - b.index);
  return undefined;
}

async function take<T>(values: AsyncGenerator<T, undefined>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const { value } = await values.next();
    if (value === undefined) break;
    taken.push(value);
  }
  return taken;
}
