import { type ImageArray, KdError } from '@kd/core';
import { checkInteger, checkPixelType } from '../checks.ts';
import { premultiply, unpremultiply } from './alpha.ts';
import { coefficientsFor } from './coefficients.ts';
import { KERNELS, type ResampleFilter } from './filters.ts';
import { nearest } from './nearest.ts';
import { isVerticalFirst, resample } from './resample.ts';

export interface ResizeImageOptions {
  /** Rows of the result. */
  height: number;
  /** Columns of the result. */
  width: number;
  /** As in Pillow's `Image.Resampling`. @default 'bicubic' */
  filter?: ResampleFilter;
}

/** Pixels and shape of a uint8 image of 1, 3 or 4 channels; anything else is refused. */
export function checkImage(
  where: string,
  { data, shape }: ImageArray,
): [Uint8Array, readonly [number, number, number]] {
  const [height = 0, width = 0, channels = 0] = shape;
  checkPixelType(where, data, [Uint8Array]);
  const whole = shape.length === 3 && shape.every((side) => Number.isInteger(side) && side > 0);
  if (!whole || ![1, 3, 4].includes(channels) || height * width * channels !== data.length) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `${where}: shape [${shape}] with ${data.length} pixels is not [height, width, channels] with 1, 3 or 4 channels`,
      { shape, length: data.length },
    );
  }
  return [data as Uint8Array, [height, width, channels]];
}

/**
 * Resizes an image to the pixels that Python's Pillow gives, bit for bit: `Image.resize((width, height), filter)`.
 *
 * Pillow's 8-bit resampling: first along the rows, then along the columns, with coefficients of 22 fractional bits and
 * rounding to uint8 between the two. The other way round where the height shrinks by more than twice as many pixels as
 * the width; Pillow before 13.0 does not do that, and its pixels differ for such images, mostly by 1.
 *
 * Shrinking antialiases: the filter is widened by the scale, unlike in OpenCV and `tf.image.resizeBilinear`. Colours of
 * RGBA are weighted by alpha. The same pixels on every machine and in every browser; faster where there is WebAssembly
 * with SIMD.
 *
 * @param image uint8 [height, width, channels], 1 (gray), 3 (RGB) or 4 (RGBA) channels
 * @returns uint8 [height, width, channels]; the image itself if it has that size already
 * @throws {KdError} INVALID_ARGUMENT if a side is not an integer >= 1, or there is no such filter
 * @throws {KdError} SHAPE_MISMATCH, INVALID_DATA if it is not such an image
 *
 * Reference: Pillow's Resample.c, Geometry.c and Convert.c; compared with Pillow 13.0.
 *
 * @example
 * import { resizeImage } from '@kd/data';
 * const row = { data: Uint8Array.of(0, 100, 200, 255), shape: [1, 4, 1] };
 * console.log(resizeImage(row, { height: 1, width: 2, filter: 'bilinear' }).data); // Uint8Array(2) [ 71, 209 ]
 */
export function resizeImage(image: ImageArray, { height, width, filter = 'bicubic' }: ResizeImageOptions): ImageArray {
  const [data, shape] = checkImage('resizeImage', image);
  checkInteger('resizeImage', 'height', height, 1, Number.POSITIVE_INFINITY);
  checkInteger('resizeImage', 'width', width, 1, Number.POSITIVE_INFINITY);
  if (filter !== 'nearest' && !Object.hasOwn(KERNELS, filter)) {
    const known = ['nearest', ...Object.keys(KERNELS)].join(', ');
    throw new KdError('INVALID_ARGUMENT', `resizeImage: filter '${filter}' is none of ${known}`, { filter });
  }
  const [fromHeight, fromWidth, channels] = shape;
  if (fromHeight === height && fromWidth === width) return image;
  const target = [height, width, channels] as const;
  if (filter === 'nearest') return { data: nearest(data, shape, [height, width]), shape: target };

  const source = channels === 4 ? premultiply(data) : data;
  const horizontal = fromWidth === width ? undefined : coefficientsFor(fromWidth, width, filter);
  const vertical = fromHeight === height ? undefined : coefficientsFor(fromHeight, height, filter);
  const verticalFirst = isVerticalFirst(shape, [height, width]);
  const pixels = resample({ source, shape, horizontal, vertical, verticalFirst });
  return { data: channels === 4 ? unpremultiply(pixels) : pixels, shape: target };
}
