import { type Batch, type ImageArray, KdError, normalizeImages } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checksFor, isWhole } from '../../architectures/checks.ts';
import { getModelConfig } from '../../model-config.ts';
import { type Prediction, topPredictionsFor } from '../../predict/top-predictions.ts';
import { type ImageInput, pixelReader, type ReadPixelsOptions } from './read-pixels.ts';

export interface PredictOptions extends ReadPixelsOptions {
  /** How many classes for each image at most: a whole number > 0. @default 5 */
  topK?: number;
  /** Names of the classes. @default the model's */
  classNames?: readonly string[];
  /** Images that are read and computed at once: a whole number > 0. @default 8 */
  batchSize?: number;
}

/** A batch of a data loader, or only its images [batch, height, width, channels]. */
export type ImageBatch = Pick<Batch, 'images' | 'normalization'>;

/** What was given as a list of images, or undefined if it is one image. */
function listOf(input: ImageInput | readonly ImageInput[] | ImageBatch): readonly ImageInput[] | undefined {
  if (Array.isArray(input)) return input;
  return typeof input === 'object' && 'images' in input ? imagesOf(input) : undefined;
}

/** The images of a batch, one by one. uint8 ones without a normalisation want a processor. */
function imagesOf({ images, normalization }: ImageBatch): ImageArray[] {
  const [count = 0, ...shape] = images.shape;
  const size = shape.reduce((a, b) => a * b, 1);
  const data = normalization ? normalizeImages('predict', images, normalization) : images.data;
  return Array.from({ length: count }, (_, i) => ({ data: data.subarray(i * size, (i + 1) * size), shape }));
}

/** Logits of images of one shape, each in a row of its own. */
async function logitsOf(model: LayersModel, images: readonly ImageArray[]): Promise<Float32Array[]> {
  const outputs = tf.tidy(() => {
    const rows = images.map(({ data, shape }) => tf.tensor(data, [...shape], 'float32'));
    const given = model.predictOnBatch(tf.stack(rows));
    return Array.isArray(given) ? given[0]! : given; // behind it are taps
  });
  try {
    if (outputs.rank !== 2) {
      throw new KdError(
        'SHAPE_MISMATCH',
        `predict: '${model.name}' gives [${outputs.shape}], not logits [batch, classes]`,
        { shape: outputs.shape },
      );
    }
    const values = (await outputs.data()) as Float32Array;
    const classes = outputs.shape[1]!;
    return images.map((_, i) => values.subarray(i * classes, (i + 1) * classes));
  } finally {
    outputs.dispose();
  }
}

/**
 * What is on an image, best guess first: the classes with the highest logits, with softmax as their score.
 *
 * A model of `fromPretrained` knows how its images are prepared; for others pass the processor. What is uint8 (files, bytes,
 * decoded pixels) goes through the processor; float32 pixels are taken as what the model takes. Reading and preparing is
 * done by `@kd/data`, which has to be installed for it, or by what you pass.
 *
 * @param image a path, a URL, bytes of a file, or pixels [height, width, channels]; an array of these; or a loader's batch
 * @returns `{ label, score, index }` for at most `topK` classes; for an array or a batch, a list of these for each image
 * @throws {KdError} NOT_FOUND if there is no processor, or `@kd/data` is needed and not installed
 * @throws {KdError} SHAPE_MISMATCH if the processor makes something else than the model takes
 * @throws {KdError} NOT_FINITE if a logit is NaN or infinite
 *
 * Reference: the `image-classification` pipeline of Hugging Face's transformers.
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { predict } from '@kd/models/node';
 * const model = mlp({ inputShape: [2, 2, 1], hiddenSizes: [8], classNames: ['cat', 'dog'], seed: 1 });
 * const image = { data: Float32Array.of(0, 0.5, 0.5, 1), shape: [2, 2, 1] };
 * const predictions = await predict(model, image);
 * console.log(predictions.length, predictions.reduce((sum, { score }) => sum + score, 0).toFixed(6)); // 2 1.000000
 */
export async function predict(model: LayersModel, image: ImageInput, options?: PredictOptions): Promise<Prediction[]>;
export async function predict(
  model: LayersModel,
  images: readonly ImageInput[] | ImageBatch,
  options?: PredictOptions,
): Promise<Prediction[][]>;
export async function predict(
  model: LayersModel,
  input: ImageInput | readonly ImageInput[] | ImageBatch,
  { topK = 5, batchSize = 8, classNames = getModelConfig(model).classNames, ...reading }: PredictOptions = {},
): Promise<Prediction[] | Prediction[][]> {
  const check = checksFor('predict');
  check(isWhole(topK), 'topK', 'be a whole number > 0', topK);
  check(isWhole(batchSize), 'batchSize', 'be a whole number > 0', batchSize);
  const many = listOf(input);
  const inputs = many ?? [input as ImageInput];
  const read = pixelReader('predict', model, reading);

  const predictions: Prediction[][] = [];
  for (let start = 0; start < inputs.length; start += batchSize) {
    const chunk = inputs.slice(start, start + batchSize);
    const images = await Promise.all(chunk.map((image, i) => read(image, `image ${start + i}`)));
    const isOneShape = images.every(({ shape }) => shape.join() === images[0]!.shape.join());
    for (const stack of isOneShape ? [images] : images.map((image) => [image])) {
      for (const logits of await logitsOf(model, stack))
        predictions.push(topPredictionsFor('predict', logits, { classNames, topK }));
    }
  }
  return many ? predictions : predictions[0]!;
}
