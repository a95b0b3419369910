import type { Batch, DataLoader, EncodedDataset, ImageDataset, PixelNormalization } from '@kd/core';
import type { Augmentation } from './augment/augmentation.ts';
import { checkInteger } from './checks.ts';
import { infoReader, isEncoded } from './dataset-kinds.ts';
import { jitterAugmentation } from './jitter.ts';
import { batchBuilder } from './loader/batch-builder.ts';
import { batchesIn, checkAugmented, checkJitter, checkOptions, normalizationFor } from './loader/check-options.ts';
import { type DecodeImage, encodedSource } from './loader/encoded-source.ts';
import type { BatchTransform } from './loader/mixing.ts';
import { createLimiter, prefetch } from './loader/prefetch.ts';
import { epochOrder, type Sampler } from './loader/sampler.ts';
import { allBroken, type SkippedSample } from './loader/skipped.ts';
import { type LocatedSample, locator } from './locate.ts';
import type { Normalization } from './normalization.ts';
import type { ImageProcessor } from './processors/image-processor.ts';

export interface DataLoaderOptions {
  /** Samples in a batch, >= 1. The last batch of an epoch has what is left. */
  batchSize: number;
  /** Whether each epoch has an order of its own: sampler 'random'. @default false */
  shuffle?: boolean;
  /** Order of an epoch, or 'class-balanced' for as many samples of every class. @default 'sequential' */
  sampler?: Sampler;
  /** For order, augmentation and mixing: integer in [0, 2^53). @default 0 */
  seed?: number;
  /** What the model wants done to images: sizes of encoded ones, and `normalize`. */
  processor?: ImageProcessor;
  /** Mean and std of pixels in [0, 1]. Left out, the processor's; without one, pixels go to [0, 1] and no further. */
  normalize?: Normalization | PixelNormalization;
  /** Changes images anew in every epoch: `augmentation([…])`, or a function of (seed, view, id) of your own. */
  augment?: Augmentation;
  /** Moves each image by up to this many pixels each way, anew in every epoch. @default 0 */
  jitter?: number;
  /** Changes whole batches: `mixup()`, `cutMix()`. */
  batchTransform?: BatchTransform;
  /**
   * Numbers that are ready for the network, or a quarter of the bytes: pixels, with the batch's `normalization` for the
   * engine to apply. @default 'float32'
   */
  output?: 'float32' | 'uint8';
  /** Leaves out a last batch that is smaller than the others. @default false */
  dropLast?: boolean;
  /** What becomes of an image that cannot be read: an error, or a smaller batch and an entry in `skipped`. @default 'throw' */
  onError?: 'throw' | 'skip';
  /** Decodes encoded images; `@kd/data/node` has one. */
  decode?: DecodeImage;
  /** Height, width, channels of encoded images that all have one size, if there is no processor. */
  imageShape?: readonly [number, number, number];
  /** Batches of encoded images that are begun while one is in use, >= 0. @default 2 */
  prefetch?: number;
  /** Encoded images in work at a time, >= 1: what bounds the memory for them. @default 8 */
  concurrency?: number;
  /** Ends all epochs, with the signal's reason. */
  signal?: AbortSignal;
}

/** A data loader that knows what it left out. */
export interface ImageLoader extends DataLoader {
  /** Samples that could not be read so far, each once, with `onError: 'skip'`. */
  readonly skipped: readonly SkippedSample[];
}

/**
 * Batches of a dataset, the same for the same seed and epoch, from any batch on.
 *
 * Images are float32 [batch, height, width, channels], `(pixel / 255 - mean) / std`, rounded to float32
 * after each operation as torchvision's ToTensor and Normalize do; pixels that a dataset gives as float32 are in [0, 1] already and not divided. Every
 * batch has new arrays. `epoch(n, fromBatch)` continues inside an epoch with the batches that the whole epoch has there.
 *
 * Encoded images (an `EncodedDataset`) are read, decoded and resized a few at a time, ahead of the batch in use; no more
 * than `prefetch + 1` batches and `concurrency` images are in memory. An augmentation that starts with a crop gets them
 * as they were decoded, any other as the processor resized them. An error comes at the batch of its image; leaving the
 * loop, or the signal, ends the work.
 *
 * With `augment`, image (seed, epoch, id) is shown in a view of its own; `views` holds their numbers: equal source, id
 * and view, equal pixels. With `jitter` N it moves by (dx, dy), each uniform in [-N, N]; pixels that come in from outside
 * are 0 before normalisation, and its view is `(dy + N) * (2 * N + 1) + dx + N`.
 *
 * @throws {KdError} INVALID_ARGUMENT for options out of range or a dataset without samples; from `epoch` for a
 *   negative epoch or a `fromBatch` beyond the last batch
 * @throws {KdError} from the loop, for a sample that cannot be read or has another size or label than it may
 *
 * @example
 * import { arrayDataset, dataLoader } from '@kd/data';
 * const dataset = arrayDataset({ images: { data: Uint8Array.of(0, 255, 51), shape: [3, 1, 1] }, labels: [0, 1, 1] });
 * const loader = dataLoader(dataset, { batchSize: 2 });
 * const sizes = [];
 * for await (const { ids } of loader) sizes.push(ids.length);
 * console.log(loader.length, sizes); // 2 [ 2, 1 ]
 */
export function dataLoader(dataset: ImageDataset | EncodedDataset, options: DataLoaderOptions): ImageLoader {
  checkOptions(dataset, options);
  const { batchSize, seed = 0, dropLast = false, onError = 'throw', output = 'float32' } = options;
  const { batchTransform, signal, concurrency = 8 } = options;
  const { length: samples, classNames } = dataset;
  const sampler = options.sampler ?? (options.shuffle ? 'random' : 'sequential');
  const length = batchesIn(samples, batchSize, dropLast);
  const augment = options.augment ?? (options.jitter ? jitterAugmentation(options.jitter) : undefined);
  const encoded = isEncoded(dataset)
    ? encodedSource(dataset, {
        decode: options.decode,
        processor: options.processor,
        augment,
        imageShape: options.imageShape,
      })
    : undefined;
  const sourceShape = encoded?.imageShape ?? (dataset as ImageDataset).imageShape;
  checkJitter(options.jitter, sourceShape);
  const imageShape = augment?.outputShape(sourceShape) ?? sourceShape;
  const normalization = normalizationFor(options, imageShape[2]);
  const classes = classNames.length;
  const start = batchBuilder({ imageShape, classes, normalization, output });
  const info = infoReader(dataset);
  const label = (index: number): number | undefined => info(index).label;
  const order = epochOrder(sampler, { samples, seed, label });
  const limit = createLimiter(concurrency);
  const skipped = new Map<number, SkippedSample>();

  const skip = (index: number, error: unknown): void => {
    if (onError === 'throw' || !(error instanceof Error)) throw error;
    if (!skipped.has(index)) skipped.set(index, { index, id: info(index).id, error });
  };

  /** What the epoch shows of a sample, and the number of that view. */
  function shown(sample: LocatedSample, epoch: number): [LocatedSample, number | undefined] {
    if (!augment) return [sample, undefined];
    const { id, label, data, start } = sample;
    const shape = sample.shape ?? sourceShape;
    const view = augment.view({ seed, epoch, id });
    const size = shape.reduce((product, side) => product * side, 1);
    const image = augment.applyView({ data: data.subarray(start, start + size), shape }, { seed, view, id });
    checkAugmented(image.shape, imageShape, id);
    return [{ id, label, data: image.data, start: 0 }, view];
  }

  const locate = encoded ? undefined : locator(dataset as ImageDataset);

  function inMemory(indices: Uint32Array, epoch: number): Batch {
    const builder = start(indices);
    for (let row = 0; row < indices.length; row++) {
      let sample: LocatedSample | undefined;
      try {
        sample = locate!(indices[row]!);
      } catch (error) {
        skip(indices[row]!, error);
      }
      if (sample) builder.put(row, ...shown(sample, epoch));
    }
    return builder.finish();
  }

  async function decoded(indices: Uint32Array, epoch: number, left: AbortSignal): Promise<Batch> {
    const builder = start(indices);
    const load = async (index: number, row: number): Promise<void> => {
      if (left.aborted) return;
      const sample = await encoded!.load(index).catch((error: unknown) => skip(index, error));
      if (sample && !left.aborted) builder.put(row, ...shown(sample, epoch));
    };
    const loads = await Promise.allSettled(Array.from(indices, (index, row) => limit(() => load(index, row))));
    const failed = loads.find((result) => result.status === 'rejected'); // the first by its place, not by the clock
    if (failed) throw failed.reason;
    return builder.finish();
  }

  // Not the seed where a view's number says all about it.
  const preparation = JSON.stringify({
    normalize: normalization,
    processor: (encoded && options.processor?.config) ?? null,
    augment: augment ? { ...augment.config, ...(augment.seeded && { seed }) } : null,
  });
  const sourceOf = async (): Promise<string> => `${await dataset.fingerprint()} ${preparation}`;

  async function* batches(epoch: number, fromBatch: number): AsyncGenerator<Batch> {
    signal?.throwIfAborted();
    const indices = order(epoch);
    const source = await sourceOf();
    const make = async (batch: number, left: AbortSignal): Promise<Batch> => {
      const chosen = indices.subarray(batch * batchSize, (batch + 1) * batchSize); // ends with the order
      const plain = encoded ? await decoded(chosen, epoch, left) : inMemory(chosen, epoch);
      if (plain.ids.length === 0 && !left.aborted) throw allBroken(batch, chosen, skipped);
      const whole: Batch = { ...plain, source };
      return batchTransform?.apply(whole, { seed, epoch, batch, classes }) ?? whole;
    };
    // What lies in memory gains nothing from being made early.
    const ahead = encoded ? (options.prefetch ?? 2) : 0;
    yield* prefetch({ from: fromBatch, to: length, ahead, make, signal });
  }

  return {
    length,
    sampleCount: dropLast ? length * batchSize : samples,
    batchSize,
    classNames,
    get skipped() {
      return [...skipped.values()].sort((a, b) => a.index - b.index);
    },
    fingerprint: async () => {
      const mixing = batchTransform?.config ?? null;
      return `${await sourceOf()} ${JSON.stringify({ batchSize, sampler, seed, dropLast, onError, output, mixing })}`;
    },
    // Checked here and not in the generator, whose body waits for the first `next`.
    epoch: (index, fromBatch = 0) => {
      checkInteger('dataLoader.epoch', 'index', index, 0, 2 ** 32);
      checkInteger('dataLoader.epoch', 'fromBatch', fromBatch, 0, length + 1);
      return { [Symbol.asyncIterator]: () => batches(index, fromBatch) };
    },
    [Symbol.asyncIterator]: () => batches(0, 0),
  };
}
