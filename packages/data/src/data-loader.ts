import { type Batch, type DataLoader, type ImageDataset, KdError, permutation } from '@kd/core';
import { checkInteger, checkSeed } from './checks.ts';
import { collator } from './collate.ts';
import type { Normalization } from './normalization.ts';

export interface DataLoaderOptions {
  /** Samples in a batch, >= 1. The last batch of an epoch has what is left. */
  batchSize: number;
  /** Whether each epoch has an order of its own. @default false */
  shuffle?: boolean;
  /** For shuffle and jitter: integer in [0, 2^53). @default 0 */
  seed?: number;
  /** Mean and std of pixels in [0, 1]. Left out, pixels go to [0, 1] and no further. */
  normalize?: Normalization;
  /** Moves each image by up to this many pixels each way, anew in every epoch. @default 0 */
  jitter?: number;
  /** Leaves out a last batch that is smaller than the others. @default false */
  dropLast?: boolean;
}

/**
 * Batches of a dataset, the same for the same seed and epoch, from any batch on.
 *
 * Images are float32 [batch, height, width, channels], `(pixel / 255 - mean) / std`, rounded to float32
 * after each operation as torchvision's ToTensor and Normalize do; pixels that a dataset gives as float32 are in [0, 1] already and not divided. Every
 * batch has new arrays. `epoch(n, fromBatch)` continues inside an epoch with the batches that the whole epoch has there.
 *
 * With `jitter` N, image (seed, epoch, id) moves by (dx, dy), each uniform in [-N, N]; pixels that come in from outside
 * are 0 before normalisation. `views` then holds `(dy + N) * (2 * N + 1) + dx + N`: equal id and view, equal pixels.
 *
 * @throws {KdError} INVALID_ARGUMENT for options out of range or a dataset without samples; from `epoch` for a
 *   negative epoch or a `fromBatch` beyond the last batch
 *
 * @example
 * import { arrayDataset, dataLoader } from '@kd/data';
 * const dataset = arrayDataset({ images: { data: Uint8Array.of(0, 255, 51), shape: [3, 1, 1] }, labels: [0, 1, 1] });
 * const loader = dataLoader(dataset, { batchSize: 2 });
 * const sizes = [];
 * for await (const { ids } of loader) sizes.push(ids.length);
 * console.log(loader.length, sizes); // 2 [ 2, 1 ]
 */
export function dataLoader(
  dataset: ImageDataset,
  { batchSize, shuffle = false, seed = 0, normalize, jitter = 0, dropLast = false }: DataLoaderOptions,
): DataLoader {
  const { length: samples, imageShape, classNames } = dataset;
  if (samples === 0) throw new KdError('INVALID_ARGUMENT', 'dataLoader: the dataset has no samples');
  checkInteger('dataLoader', 'batchSize', batchSize, 1, Number.POSITIVE_INFINITY);
  checkSeed('dataLoader', seed);
  checkInteger('dataLoader', 'jitter', jitter, 0, Math.min(imageShape[0], imageShape[1]));
  const length = dropLast ? Math.floor(samples / batchSize) : Math.ceil(samples / batchSize);
  if (length === 0) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `dataLoader: dropLast leaves no batch of ${batchSize} from ${samples} samples; use a smaller batchSize`,
      { batchSize, samples },
    );
  }
  const collate = collator(dataset, { seed, jitter, normalize });
  // Not the seed: it says which view is drawn, and the view's number says what that is.
  const preparation = JSON.stringify({ normalize: normalize ?? null, jitter });
  const sourceOf = async (): Promise<string> => `${await dataset.fingerprint()} ${preparation}`;

  async function* batches(epoch: number, fromBatch: number): AsyncGenerator<Batch> {
    const order = shuffle
      ? permutation(samples, { seed, stream: 'shuffle', epoch })
      : Uint32Array.from({ length: samples }, (_, i) => i);
    const source = await sourceOf();
    for (let batch = fromBatch; batch < length; batch++) {
      const start = batch * batchSize;
      yield { ...collate(order.subarray(start, start + batchSize), epoch), source }; // subarray ends with the order
    }
  }

  return {
    length,
    sampleCount: dropLast ? length * batchSize : samples,
    batchSize,
    classNames,
    fingerprint: async () => `${await sourceOf()} ${JSON.stringify({ batchSize, shuffle, seed, dropLast })}`,
    // Checked here and not in the generator, whose body waits for the first `next`.
    epoch: (index, fromBatch = 0) => {
      checkInteger('dataLoader.epoch', 'index', index, 0, 2 ** 32);
      checkInteger('dataLoader.epoch', 'fromBatch', fromBatch, 0, length + 1);
      return { [Symbol.asyncIterator]: () => batches(index, fromBatch) };
    },
    [Symbol.asyncIterator]: () => batches(0, 0),
  };
}
