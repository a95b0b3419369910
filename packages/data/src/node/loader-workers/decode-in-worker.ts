import type { ImageArray } from '@kd/core';
import { checkEncoded } from '../../decode/check-encoded.ts';
import type { DecodeImageOptions } from '../../decode/decode-options.ts';
import { decodeImage } from '../decode-image.ts';
import { decodeJpeg } from '../jpeg/decode-jpeg.ts';

/** `decodeImage` for a thread that nobody minds to be busy: the same pixels and errors, for less work. */
export async function decodeInWorker(bytes: Uint8Array, options: DecodeImageOptions = {}): Promise<ImageArray> {
  const header = checkEncoded('decodeImage', bytes, options);
  return (await decodeJpeg(bytes, header)) ?? decodeImage(bytes, options);
}
