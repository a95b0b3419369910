import { type ImageArray, KdError } from '@kd/core';
import type { ImageProcessor } from './image-processor.ts';

export interface ProcessImagesOptions {
  /** float32 numbers that are ready for the model, or uint8 pixels that still need `processor.normalization`. @default 'float32' */
  output?: 'float32' | 'uint8';
}

/**
 * One batch of images, each resized, cropped and (for float32) normalised.
 *
 * @param images uint8 [height, width, channels] each, of any sizes
 * @returns [images, ...processor.imageShape]
 * @throws {KdError} INVALID_ARGUMENT if there are no images; whatever the processor throws, with the image's index
 *
 * @example
 * import { createProcessor, processImages } from '@kd/data';
 * const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: 32 });
 * const images = [20, 40].map((side) => ({ data: new Uint8Array(side * side * 3), shape: [side, side, 3] }));
 * console.log(processImages(images, processor).shape); // [ 2, 32, 32, 3 ]
 */
export function processImages(
  images: readonly ImageArray[],
  processor: ImageProcessor,
  { output = 'float32' }: ProcessImagesOptions = {},
): ImageArray {
  if (images.length === 0) {
    throw new KdError('INVALID_ARGUMENT', 'processImages: there are no images; pass at least one');
  }
  if (output !== 'float32' && output !== 'uint8') {
    throw new KdError('INVALID_ARGUMENT', `processImages: output '${output}' is neither 'float32' nor 'uint8'`, {
      output,
    });
  }
  const [height, width, channels] = processor.imageShape;
  const size = height * width * channels;
  const data = new (output === 'uint8' ? Uint8Array : Float32Array)(images.length * size);
  for (const [index, image] of images.entries()) {
    try {
      data.set((output === 'uint8' ? processor.resize(image) : processor.process(image)).data, index * size);
    } catch (error) {
      if (!KdError.isInstance(error)) throw error;
      const message = `processImages: image ${index}: ${error.message}`;
      throw new KdError(error.code, message, { ...error.details, index }, { cause: error });
    }
  }
  return { data, shape: [images.length, height, width, channels] };
}
