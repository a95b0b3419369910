import { KdError } from '@kd/core';
import type { DecodeImageOptions } from './decode-options.ts';
import { type ImageHeader, imageHeader } from './image-header.ts';
import { MAX_PIXELS } from './max-pixels.ts';

/** Refuses an image that is too large before anything is allocated for it. */
export function checkPixelCount(
  where: string,
  width: number,
  height: number,
  { maxPixels = MAX_PIXELS, name = 'image' }: DecodeImageOptions,
): void {
  if (width * height <= maxPixels) return;
  throw new KdError(
    'INVALID_DATA',
    `${where}: ${name} claims ${width} x ${height} pixels, more than ${maxPixels}: a decompression bomb? ` +
      'Raise maxPixels if it is meant',
    { name, width, height, maxPixels },
  );
}

/** The header of an image that may be decoded. */
export function checkEncoded(where: string, bytes: Uint8Array, options: DecodeImageOptions): ImageHeader {
  const { maxPixels = MAX_PIXELS, name = 'image' } = options;
  if (!(bytes instanceof Uint8Array)) {
    const type = Object.prototype.toString.call(bytes).slice(8, -1);
    throw new KdError('INVALID_ARGUMENT', `${where}: ${name} is ${type}, expected a Uint8Array`, { type });
  }
  if (!(maxPixels >= 1)) {
    throw new KdError('INVALID_ARGUMENT', `${where}: maxPixels must be >= 1, got ${maxPixels}`, { maxPixels });
  }
  if (bytes.length === 0) throw new KdError('INVALID_DATA', `${where}: ${name} is empty (0 bytes)`, { name });
  const header = imageHeader(bytes);
  if (!header) {
    const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new KdError(
      'INVALID_DATA',
      `${where}: ${name} is no image: its ${bytes.length} bytes begin with ${start}; ` +
        'expected JPEG, PNG, WebP, GIF, TIFF or AVIF',
      { name, start },
    );
  }
  if (header.format === 'bmp') {
    throw new KdError('UNSUPPORTED', `${where}: ${name} is a BMP file, which is not read; save it as PNG`, { name });
  }
  if (header.width !== undefined && header.height !== undefined) {
    checkPixelCount(where, header.width, header.height, options);
  }
  return header;
}
