import { type ImageArray, KdError } from '@kd/core';
import type { Sharp, SharpOptions } from 'sharp';
import { checkEncoded, checkPixelCount } from '../decode/check-encoded.ts';
import { cmykToRgb } from '../decode/cmyk.ts';
import type { DecodeImageOptions } from '../decode/decode-options.ts';
import type { ImageHeader } from '../decode/image-header.ts';
import { MAX_PIXELS } from '../decode/max-pixels.ts';
import { loadSharp } from './load-sharp.ts';

/** How Pillow would take the pixels, where that is not how libvips does. */
type Mode = 'rgb' | 'cmyk' | 'gray16';

async function modeOf(where: string, image: Sharp, header: ImageHeader, options: DecodeImageOptions): Promise<Mode> {
  if (header.width !== undefined) return header.components === 4 ? 'cmyk' : header.gray16 ? 'gray16' : 'rgb';
  const { width, height, space } = await image.metadata();
  checkPixelCount(where, width, height, options);
  return space === 'cmyk' ? 'cmyk' : space === 'grey16' ? 'gray16' : 'rgb';
}

/** Pillow cuts 16-bit gray off at 255 when it converts, and does not scale it. */
function clippedToRgb(gray: Uint16Array): Uint8Array {
  const rgb = new Uint8Array(gray.length * 3);
  for (let i = 0; i < gray.length; i++) rgb.fill(Math.min(255, gray[i]!), i * 3, i * 3 + 3);
  return rgb;
}

async function pixelsOf(image: Sharp, mode: Mode): Promise<ImageArray> {
  const raw =
    mode === 'cmyk'
      ? image.pipelineColourspace('cmyk').toColourspace('cmyk').raw()
      : mode === 'gray16'
        ? image.removeAlpha().toColourspace('grey16').raw({ depth: 'ushort' })
        : image.removeAlpha().toColourspace('srgb').raw();
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  const pixels =
    mode === 'cmyk'
      ? cmykToRgb(bytes)
      : mode === 'gray16'
        ? clippedToRgb(new Uint16Array(data.buffer, data.byteOffset, data.length / 2))
        : bytes;
  return { data: pixels, shape: [info.height, info.width, 3] };
}

/** `decodeImage` for another function, whose name errors start with. */
export async function decodeFor(where: string, bytes: Uint8Array, options: DecodeImageOptions): Promise<ImageArray> {
  const { exifOrientation = true, maxPixels = MAX_PIXELS, name = 'image' } = options;
  const header = checkEncoded(where, bytes, options);
  const sharp = await loadSharp(where);
  // Errors in the data are refused, oddities that libjpeg only warns of are not, as in Pillow. Profiles are ignored.
  const limitInputPixels = maxPixels <= Number.MAX_SAFE_INTEGER && Math.floor(maxPixels); // false for none
  const settings: SharpOptions = { failOn: 'error', ignoreIcc: true, limitInputPixels };
  try {
    const image = sharp(bytes, settings);
    const mode = await modeOf(where, image, header, options);
    return await pixelsOf(exifOrientation ? image.autoOrient() : image, mode);
  } catch (error) {
    if (KdError.isInstance(error)) throw error;
    const lines = new Set((error as Error).message.split('\n').map((line) => line.trim().replace(/:$/, '')));
    // libvips has one log of errors for all threads: of images that fail at a time, one finds the other's line or none.
    const reason = [...lines].filter((line) => line && line !== 'Unknown error').join('; ') || 'it is cut or damaged';
    throw new KdError(
      'INVALID_DATA',
      `${where}: ${name} (${header.format}, ${bytes.length} bytes) cannot be decoded: ${reason}`,
      { name, format: header.format },
      { cause: error },
    );
  }
}

/**
 * Decodes a JPEG, PNG, WebP, GIF, TIFF or AVIF image to the RGB pixels that Python's `PIL.Image.open(…).convert('RGB')`
 * gives.
 *
 * As in Pillow, alpha is dropped and not blended, embedded colour profiles are ignored, CMYK is converted by the simple
 * formula, 16-bit gray is cut off at 255, 16-bit colour keeps the upper byte, and animations give their first frame. The
 * format is told by the content. JPEG is decoded by the same library with the same settings. Two differences:
 * transparent pixels of a GIF are black here and have a colour of the palette in Pillow, and AVIF may differ where colour
 * is interpolated.
 *
 * @param bytes the file's content
 * @returns uint8 [height, width, 3]
 * @throws {KdError} INVALID_DATA if it is empty, no image, cut, damaged, or claims more than `maxPixels`; UNSUPPORTED for BMP;
 *   UNAVAILABLE where sharp has no binary for this machine
 *
 * @example
 * import { decodeImage } from '@kd/data/node';
 * const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';
 * const { data, shape } = await decodeImage(Buffer.from(png, 'base64'));
 * console.log(data, shape); // Uint8Array(3) [ 255, 0, 0 ] [ 1, 1, 3 ]
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeImageOptions = {}): Promise<ImageArray> {
  return decodeFor('decodeImage', bytes, options);
}
