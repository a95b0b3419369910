import { type ImageArray, KdError } from '@kd/core';
import { checkEncoded, checkPixelCount } from './check-encoded.ts';
import type { DecodeImageOptions } from './decode-options.ts';

/** RGBA without its alpha. */
function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from]!;
    rgb[to++] = rgba[from + 1]!;
    rgb[to++] = rgba[from + 2]!;
  }
  return rgb;
}

/**
 * Decodes an image with the browser's own decoder: what `decodeImage` of `@kd/data/node` does in Node.
 *
 * Pixels are those of the browser, turned as EXIF says. In Chromium JPEG is the same as in Node; other browsers may
 * differ by a little. Partly transparent pixels lose some of their colour on the canvas. Resizing and all that follows
 * is the same everywhere.
 *
 * @param bytes JPEG, PNG, WebP, GIF or AVIF
 * @returns uint8 [height, width, 3]
 * @throws {KdError} INVALID_DATA if it is empty, no image, damaged, or claims more than `maxPixels`
 * @throws {KdError} UNSUPPORTED where there is no `createImageBitmap` and `OffscreenCanvas`, as in Node
 *
 * @example
 * import { createProcessor, dataLoader, decodeImageInBrowser, encodedDataset } from '@kd/data';
 * const read = async () => new Uint8Array(await (await fetch('leaf.jpg')).arrayBuffer());
 * const dataset = encodedDataset({ ids: ['leaf.jpg'], read });
 * const processor = createProcessor({ image_processor_type: 'ViTImageProcessor' });
 * const loader = dataLoader(dataset, { batchSize: 1, processor, decode: decodeImageInBrowser });
 * console.log(loader.length); // 1
 */
export async function decodeImageInBrowser(
  bytes: Uint8Array,
  options: Omit<DecodeImageOptions, 'exifOrientation'> = {},
): Promise<ImageArray> {
  const { name = 'image' } = options;
  const { format } = checkEncoded('decodeImageInBrowser', bytes, options);
  if (typeof createImageBitmap !== 'function' || typeof OffscreenCanvas !== 'function') {
    throw new KdError(
      'UNSUPPORTED',
      'decodeImageInBrowser: there is no createImageBitmap and OffscreenCanvas here; in Node use decodeImage of @kd/data/node',
    );
  }
  const blob = new Blob([Uint8Array.from(bytes)], { type: `image/${format}` });
  const settings: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };
  const bitmap = await createImageBitmap(blob, settings).catch((error: Error) => {
    throw new KdError(
      'INVALID_DATA',
      `decodeImageInBrowser: ${name} (${format}, ${bytes.length} bytes) cannot be decoded: ${error.message}`,
      { name, format },
      { cause: error },
    );
  });
  const { width, height } = bitmap;
  try {
    checkPixelCount('decodeImageInBrowser', width, height, options);
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    context.drawImage(bitmap, 0, 0);
    return { data: withoutAlpha(context.getImageData(0, 0, width, height).data), shape: [height, width, 3] };
  } finally {
    bitmap.close();
  }
}
