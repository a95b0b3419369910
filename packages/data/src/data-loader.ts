import type { DataLoader, EncodedDataset, ImageDataset, PixelNormalization } from '@kd/core';
import type { Augmentation } from './augment/augmentation.ts';
import { createLoader } from './loader/create-loader.ts';
import type { DecodeImage } from './loader/encoded-source.ts';
import type { BatchTransform } from './loader/mixing.ts';
import type { Sampler } from './loader/sampler.ts';
import type { SkippedSample } from './loader/skipped.ts';
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
  /**
   * What the teacher wants done to images, where that differs from the student's `processor`: batches have `teacherImages`
   * too, the same views in the teacher's size and normalisation.
   */
  teacherProcessor?: ImageProcessor;
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
  /**
   * What becomes of an image that cannot be read: an error, or a smaller batch and an entry in `skipped`. Where nothing of
   * a batch is left: it is left out of a sequential order, as an evaluation counts no sample twice; in any other order the
   * next batch of the epoch that can be read takes its place, so that `epoch(n, fromBatch)` still counts from the same
   * batch. An epoch of which nothing can be read is an error in any case. @default 'throw'
   */
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
 * With a `teacherProcessor` each image is read and decoded once, and made twice: `images` for the student and `teacherImages`
 * for the teacher. Both show the same crop, flip and mix, each in its own size: random places are drawn for the student's image
 * and scaled to the teacher's. Images in memory are resized for the teacher from what is there, and must be uint8 for it. An
 * augmentation of your own gets `redraw` to do so.
 *
 * @throws {KdError} INVALID_ARGUMENT for options out of range or a dataset without samples; from `epoch` for a
 *   negative epoch or a `fromBatch` beyond the last batch
 * @throws {KdError} SHAPE_MISMATCH for pixels of another size than the processor makes
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
  return createLoader(dataset, options);
}
