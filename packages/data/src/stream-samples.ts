import type { EncodedDataset } from '@kd/core';
import { checkInteger } from './checks.ts';

export interface StreamSamplesOptions {
  /** Where to start. @default 0 */
  start?: number;
  /** How many images are read before they are asked for: what bounds the memory. @default 16 */
  readAhead?: number;
}

/** One sample of a stream. */
export interface EncodedSample {
  index: number;
  id: string;
  label?: number;
  /** The encoded image. */
  bytes: Uint8Array;
}

/**
 * The samples of a dataset from the first to the last, read ahead of their use. A set of any size passes through a
 * memory of `readAhead` images; Parquet and Arrow files are read from front to end.
 *
 * @throws {KdError} INVALID_ARGUMENT if `start` or `readAhead` is out of range; whatever the dataset throws for an image
 *   that cannot be read, in its place
 *
 * @example
 * import { encodedDataset, streamSamples } from '@kd/data';
 * const dataset = encodedDataset({ ids: ['a', 'b', 'c'], read: async (index) => Uint8Array.of(index) });
 * for await (const { id, bytes } of streamSamples(dataset, { start: 1 })) console.log(id, bytes[0]);
 */
export async function* streamSamples(
  dataset: EncodedDataset,
  { start = 0, readAhead = 16 }: StreamSamplesOptions = {},
): AsyncGenerator<EncodedSample, void, undefined> {
  checkInteger('streamSamples', 'start', start, 0, dataset.length + 1);
  checkInteger('streamSamples', 'readAhead', readAhead, 1, Number.POSITIVE_INFINITY);
  const reads: Promise<Uint8Array>[] = [];
  let next = start;
  for (let index = start; index < dataset.length; index++) {
    for (; next < dataset.length && next < index + readAhead; next++) {
      const read = dataset.read(next);
      read.catch(() => {}); // it is thrown when its turn comes, or not at all if the caller stops before
      reads.push(read);
    }
    const bytes = await reads.shift()!;
    yield { index, ...dataset.info(index), bytes };
  }
}
