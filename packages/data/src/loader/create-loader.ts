import type { Batch, EncodedDataset, ImageDataset, PixelNormalization } from '@kd/core';
import type { Augmentation } from '../augment/augmentation.ts';
import { checkInteger } from '../checks.ts';
import type { DataLoaderOptions, ImageLoader } from '../data-loader.ts';
import { infoReader, isEncoded } from '../dataset-kinds.ts';
import { jitterAugmentation } from '../jitter.ts';
import { type LocatedSample, locator } from '../locate.ts';
import type { ImageProcessor } from '../processors/image-processor.ts';
import { type Allocate, batchBuilder } from './batch-builder.ts';
import { batchesIn, checkGiven, checkJitter, checkOptions, checkProcessed, normalizationFor } from './check-options.ts';
import { checkTransformed } from './check-transformed.ts';
import { decodedBatches, type MakeDecoded } from './decoded-batches.ts';
import { encodedSource } from './encoded-source.ts';
import { otherProcessor } from './other-processor.ts';
import { createLimiter, orAbort, prefetch } from './prefetch.ts';
import { epochOrder } from './sampler.ts';
import { showing } from './showing.ts';
import { allBroken, type SkippedSample } from './skipped.ts';

/** All that the batches of encoded images depend on. */
export interface DecodedRecipe {
  processor: ImageProcessor | undefined;
  augment: Augmentation | undefined;
  seed: number;
  /** Of encoded images that all have one size. */
  fixedShape: readonly [number, number, number] | undefined;
  /** Of every image in a batch. */
  imageShape: readonly [number, number, number];
  classes: number;
  normalization: PixelNormalization;
  /** Of the teacher, if it sees the images otherwise. */
  teacherProcessor: ImageProcessor | undefined;
  output: 'float32' | 'uint8';
  concurrency: number;
}

/** A maker of batches of encoded images. */
interface DecodedMaker {
  make: MakeDecoded;
  /** Waited for before each batch is handed over. */
  handover?: () => Promise<unknown>;
}

/** Where they are made, if not on this thread. */
export type MakeElsewhere = (dataset: EncodedDataset, recipe: DecodedRecipe) => DecodedMaker;

/** What a loader can do where it runs, and not everywhere. */
export interface Platform {
  elsewhere?: MakeElsewhere | undefined;
  allocate?: Allocate;
}

/** `dataLoader`, on a platform. */
export function createLoader(
  dataset: ImageDataset | EncodedDataset,
  options: DataLoaderOptions,
  { elsewhere, allocate }: Platform = {},
): ImageLoader {
  checkGiven(options);
  checkOptions(dataset, options);
  const { batchSize, seed = 0, dropLast = false, onError = 'throw', output = 'float32' } = options;
  const { batchTransform, signal, concurrency = 8 } = options;
  const { length: samples, classNames } = dataset;
  const sampler = options.sampler ?? (options.shuffle ? 'random' : 'sequential');
  const length = batchesIn(samples, batchSize, dropLast);
  const augment = options.augment ?? (options.jitter ? jitterAugmentation(options.jitter) : undefined);
  const { decode, processor } = options;
  const teacherProcessor = otherProcessor(options);
  const keepDecoded = teacherProcessor !== undefined;
  const encoded = isEncoded(dataset)
    ? encodedSource(dataset, { decode, processor, augment, keepDecoded, imageShape: options.imageShape })
    : undefined;
  const sourceShape = encoded?.imageShape ?? (dataset as ImageDataset).imageShape;
  if (!encoded) checkProcessed(sourceShape, options);
  checkJitter(options.jitter, sourceShape);
  const imageShape = augment?.outputShape(sourceShape) ?? sourceShape;
  const normalization = normalizationFor(options, imageShape[2]);
  const classes = classNames.length;
  const start = batchBuilder({ imageShape, classes, normalization, teacher: teacherProcessor, output, allocate });
  const info = infoReader(dataset);
  const label = (index: number): number | undefined => info(index).label;
  const order = epochOrder(sampler, { samples, seed, label });
  const skipped = new Map<number, SkippedSample>();

  const skip = (index: number, error: unknown): void => {
    if (onError === 'throw' || !(error instanceof Error)) throw error;
    if (!skipped.has(index)) skipped.set(index, { index, id: info(index).id, error });
  };

  const show = showing({ augment, seed, sourceShape, imageShape, teacherProcessor });
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
      if (sample) builder.put(row, show(sample, epoch));
    }
    return builder.finish();
  }

  function decodedMaker(): DecodedMaker | undefined {
    if (!encoded) return undefined;
    const recipe = {
      processor,
      augment,
      seed,
      fixedShape: options.imageShape,
      imageShape,
      classes,
      normalization,
      teacherProcessor,
      output,
    };
    return elsewhere
      ? elsewhere(dataset as EncodedDataset, { ...recipe, concurrency })
      : { make: decodedBatches({ source: encoded, show, start, limit: createLimiter(concurrency) }) };
  }

  const ofEncoded = decodedMaker();

  async function decoded(indices: Uint32Array, epoch: number, left: AbortSignal): Promise<Batch> {
    const { batch, failed } = await ofEncoded!.make(indices, epoch, left);
    for (const { row, error } of failed) skip(indices[row]!, error);
    return batch;
  }

  // Not the seed where a view's number says all about it.
  const pipeline = augment ? { ...augment.config, ...(augment.seeded && { seed }) } : null;
  const preparation = JSON.stringify({
    normalize: normalization,
    processor: (encoded && processor?.config) ?? null,
    augment: pipeline,
  });
  const teacherPreparation = teacherProcessor && preparedForTeacher();
  const sourceOf = async (): Promise<string> => `${await dataset.fingerprint()} ${preparation}`;
  const teacherSourceOf = async (): Promise<string> => `${await dataset.fingerprint()} ${teacherPreparation}`;
  const fresh = augment?.viewCount === Number.POSITIVE_INFINITY;

  /** Equal to that of a loader for the teacher alone, where it makes the same images. */
  function preparedForTeacher(): string {
    const { normalization: normalize, config, imageShape: shape } = teacherProcessor!;
    const asItIs = !encoded && `${shape}` === `${sourceShape}`;
    const drawnFor = augment?.takesAnySize ? [imageShape] : [sourceShape, imageShape];
    return JSON.stringify({
      normalize,
      processor: asItIs ? null : config,
      augment: pipeline && { ...pipeline, drawnFor },
    });
  }

  async function* batches(epoch: number, fromBatch: number): AsyncGenerator<Batch> {
    signal?.throwIfAborted();
    const indices = order(epoch);
    const source = await orAbort(sourceOf(), signal);
    const teacherSource = teacherProcessor && (await orAbort(teacherSourceOf(), signal));
    const part = (batch: number): Uint32Array => indices.subarray(batch * batchSize, (batch + 1) * batchSize); // ends with the order
    // Every number has its batch where a position in training is one; an evaluation must see no sample twice.
    const tries = sampler === 'sequential' ? 1 : length;

    async function readable(batch: number, left: AbortSignal): Promise<Batch | undefined> {
      for (let ahead = 0; ahead < tries; ahead++) {
        const chosen = part((batch + ahead) % length);
        const plain = encoded ? await decoded(chosen, epoch, left) : inMemory(chosen, epoch);
        if (plain.ids.length > 0 || left.aborted) return plain;
      }
      if (tries > 1) throw allBroken(skipped);
      return undefined;
    }

    const make = async (batch: number, left: AbortSignal): Promise<Batch | undefined> => {
      const plain = await readable(batch, left);
      if (!plain) return undefined;
      const { teacherImages } = plain;
      const whole: Batch = {
        ...plain,
        source,
        ...(fresh && { fresh }),
        ...(teacherImages && { teacherImages: { ...teacherImages, source: teacherSource! } }),
      };
      if (!batchTransform) return whole;
      const transformed = batchTransform.apply(whole, { seed, epoch, batch, classes });
      checkTransformed(whole, transformed, batchTransform);
      return transformed;
    };
    // What lies in memory gains nothing from being made early.
    const ahead = encoded ? (options.prefetch ?? 2) : 0;
    const made = prefetch({ from: fromBatch, to: length, ahead, make, handover: ofEncoded?.handover, signal });
    let given = 0;
    for await (const batch of made) {
      if (!batch) continue;
      given += 1;
      yield batch;
    }
    if (given === 0 && fromBatch === 0) throw allBroken(skipped);
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
      const forTeacher = teacherPreparation === undefined ? '' : ` ${teacherPreparation}`;
      const order = JSON.stringify({ batchSize, sampler, seed, dropLast, onError, output, mixing });
      return `${await sourceOf()} ${order}${forTeacher}`;
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
