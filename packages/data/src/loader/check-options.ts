import { type EncodedDataset, type ImageDataset, KdError, type PixelNormalization } from '@kd/core';
import { checkInteger, checkSeed } from '../checks.ts';
import type { DataLoaderOptions } from '../data-loader.ts';
import { perChannel } from '../normalization.ts';
import { SAMPLERS } from './sampler.ts';

function refuse(message: string, details: Record<string, unknown>): never {
  throw new KdError('INVALID_ARGUMENT', `dataLoader: ${message}`, details);
}

function checkOneOf(name: string, value: string | undefined, known: readonly string[]): void {
  if (value === undefined || known.includes(value)) return;
  refuse(`${name} must be ${known.map((one) => `'${one}'`).join(' or ')}, got '${value}'`, { [name]: value });
}

/** Refuses a call without options, which have to say the size of a batch. */
export function checkGiven(options: unknown): void {
  if (typeof options === 'object' && options !== null) return;
  refuse(`options are ${options}, and batchSize is missing; pass { batchSize: 32 }`, {});
}

/** Refuses options that are out of range, or say two things at once. */
export function checkOptions(dataset: ImageDataset | EncodedDataset, options: DataLoaderOptions): void {
  const { batchSize, shuffle, sampler, seed = 0, prefetch = 2, concurrency = 8, jitter, augment } = options;
  if (dataset.length === 0) refuse('the dataset has no samples', {});
  checkInteger('dataLoader', 'batchSize', batchSize, 1, Number.POSITIVE_INFINITY);
  checkSeed('dataLoader', seed);
  checkInteger('dataLoader', 'prefetch', prefetch, 0, Number.POSITIVE_INFINITY);
  checkInteger('dataLoader', 'concurrency', concurrency, 1, Number.POSITIVE_INFINITY);
  checkOneOf('sampler', sampler, SAMPLERS);
  checkOneOf('output', options.output, ['float32', 'uint8']);
  checkOneOf('onError', options.onError, ['throw', 'skip']);
  if (shuffle !== undefined && sampler !== undefined && shuffle !== (sampler === 'random')) {
    refuse(`shuffle ${shuffle} and sampler '${sampler}' contradict each other; give one of them`, { shuffle, sampler });
  }
  if (jitter && augment) {
    refuse("jitter and augment are given; put { type: 'jitter', pixels } into the pipeline", { jitter });
  }
}

/** An image that is moved by its whole width shows nothing. */
export function checkJitter(jitter: number | undefined, [height, width]: readonly [number, number, number]): void {
  if (jitter !== undefined) checkInteger('dataLoader', 'jitter', jitter, 0, Math.min(height, width));
}

/** Pixels in memory are not resized: where the processor wants another size, the model would get images it does not know. */
export function checkProcessed(
  imageShape: readonly [number, number, number],
  { processor, augment }: DataLoaderOptions,
): void {
  if (!processor || augment?.takesAnySize || `${processor.imageShape}` === `${imageShape}`) return;
  throw new KdError(
    'SHAPE_MISMATCH',
    `dataLoader: the dataset has images of [${imageShape}], the processor makes [${processor.imageShape}], and only encoded ` +
      'images are resized; pass the processor that they were made with, or normalize: processor.normalization',
    { imageShape, processor: processor.imageShape },
  );
}

/** Batches in an epoch, at least one. */
export function batchesIn(samples: number, batchSize: number, dropLast: boolean): number {
  const length = dropLast ? Math.floor(samples / batchSize) : Math.ceil(samples / batchSize);
  if (length > 0) return length;
  return refuse(`dropLast leaves no batch of ${batchSize} from ${samples} samples; use a smaller batchSize`, {
    batchSize,
    samples,
  });
}

/** Mean and std of each channel: those given, else the processor's, else none. */
export function normalizationFor({ normalize, processor }: DataLoaderOptions, channels: number): PixelNormalization {
  if (normalize && processor) {
    refuse('normalize and a processor are given, which has its own; leave one out', { normalize });
  }
  const normalization = perChannel(normalize ?? processor?.normalization, channels);
  if (normalization.mean.length !== channels || normalization.std.length !== channels) {
    refuse(
      `the images have ${channels} channels, the normalisation is for ${normalization.mean.length} (mean ` +
        `${normalization.mean}, std ${normalization.std})`,
      { channels, normalization },
    );
  }
  return normalization;
}

/** An augmentation of one's own may say one shape and make another. */
export function checkAugmented(shape: readonly number[], imageShape: readonly number[], id: number | string): void {
  if (shape.length === 3 && shape.every((side, axis) => side === imageShape[axis])) return;
  throw new KdError(
    'SHAPE_MISMATCH',
    `dataLoader: augment made [${shape}] of sample '${id}', the batch takes [${imageShape}]: look at its outputShape`,
    { shape, imageShape, id },
  );
}
