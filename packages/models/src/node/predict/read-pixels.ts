import { type ImageArray, KdError } from '@kd/core';
import { optionalPackage } from '@kd/core/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { getPreprocessorConfig } from '../../predict/preprocessor-config.ts';

/** What prepares images: an `ImageProcessor` of `@kd/data` is one. */
export interface PixelProcessor {
  /** Makes what a model takes, float32 [height, width, channels], of uint8 pixels of any size. */
  process(image: ImageArray): ImageArray;
}

/** Where an image is, or the image: a path, a URL, the bytes of a file, or decoded pixels. */
export type ImageInput = string | URL | Uint8Array | ImageArray;

export interface ReadPixelsOptions {
  /** Prepares uint8 pixels. @default by the model's preprocessor_config.json, with `@kd/data` */
  processor?: PixelProcessor;
  /** Decodes an image to uint8 RGB [height, width, 3]. @default `readImage` of `@kd/data/node` */
  readImage?: (source: string | URL | Uint8Array) => Promise<ImageArray>;
}

async function defaultProcessor(caller: string, model: LayersModel): Promise<PixelProcessor> {
  const config = getPreprocessorConfig(model);
  if (!config) {
    throw new KdError(
      'NOT_FOUND',
      `${caller}: '${model.name}' came without a preprocessor_config.json, so how to prepare images is not known: ` +
        'pass { processor }, or float32 pixels as the model takes them',
    );
  }
  const how = { caller, use: 'preparing images', instead: 'pass { processor }' };
  const { createProcessor } = await optionalPackage('@kd/data', () => import('@kd/data'), how);
  return createProcessor(config);
}

async function defaultReadImage(caller: string): Promise<NonNullable<ReadPixelsOptions['readImage']>> {
  const how = { caller, use: 'reading images', instead: 'pass { readImage }, or decoded pixels' };
  const { readImage } = await optionalPackage('@kd/data', () => import('@kd/data/node'), how);
  return (source) => readImage(source);
}

const isPixels = (image: ImageInput): image is ImageArray =>
  typeof image === 'object' && 'data' in image && 'shape' in image;

/** Refuses what the model does not take, before TF.js says so in words of its own. */
function checkPixels(caller: string, model: LayersModel, image: ImageArray, name: string): void {
  const { data, shape } = image;
  const wanted = model.inputs[0]!.shape.slice(1);
  const fits = shape.length === 3 && wanted.every((size, i) => size === null || size === shape[i]);
  if (!(data instanceof Float32Array) || !fits || data.length !== shape.reduce((a, b) => a * b, 1)) {
    const shown = wanted.map((size) => size ?? 'any').join(', ');
    throw new KdError(
      'SHAPE_MISMATCH',
      `${caller}: '${model.name}' takes float32 [${shown}]; ${name} is ${data.constructor.name} of ${data.length} values, ` +
        `shape [${shape}], after processing`,
      { wanted, shape },
    );
  }
}

/**
 * How to make what a model takes of any image. What is missing for that is only asked for when an image needs it: float32
 * pixels are taken as they are, uint8 pixels need a processor, and everything else is read first.
 */
export function pixelReader(
  caller: string,
  model: LayersModel,
  { processor, readImage }: ReadPixelsOptions,
): (image: ImageInput, name: string) => Promise<ImageArray> {
  let processing = processor && Promise.resolve(processor);
  let reading = readImage && Promise.resolve(readImage);
  return async (image, name) => {
    let pixels: ImageArray;
    if (isPixels(image)) pixels = image;
    else {
      reading ??= defaultReadImage(caller);
      pixels = await (await reading)(image);
    }
    if (!(pixels.data instanceof Float32Array)) {
      processing ??= defaultProcessor(caller, model);
      pixels = (await processing).process(pixels);
    }
    checkPixels(caller, model, pixels, name);
    return pixels;
  };
}
