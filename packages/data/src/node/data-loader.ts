import type { EncodedDataset, ImageDataset } from '@kd/core';
import { type DataLoaderOptions, type ImageLoader, dataLoader as portable } from '../data-loader.ts';
import { decodeImage } from './decode-image.ts';

/**
 * `dataLoader` of `@kd/data` with a decoder: `decodeImage`, on the threads of libvips. All else is the same.
 *
 * @throws {KdError} as that one
 *
 * @example
 * import { createProcessor, encodedDataset } from '@kd/data';
 * import { dataLoader } from '@kd/data/node';
 * const gif = 'R0lGODdhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs='; // one white pixel
 * const read = async () => Uint8Array.from(atob(gif), (character) => character.charCodeAt(0));
 * const dataset = encodedDataset({ ids: ['a.gif', 'b.gif'], labels: [0, 1], read });
 * const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: 32 });
 * for await (const { images } of dataLoader(dataset, { batchSize: 2, processor })) {
 *   console.log(images.shape, images.data[0]); // [ 2, 32, 32, 3 ] 1
 * }
 */
export function dataLoader(dataset: ImageDataset | EncodedDataset, options: DataLoaderOptions): ImageLoader {
  return portable(dataset, { decode: decodeImage, ...options });
}
