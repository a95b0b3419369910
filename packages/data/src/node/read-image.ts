import { readFile } from 'node:fs/promises';
import { type ImageArray, KdError } from '@kd/core';
import type { DecodeImageOptions } from '../decode/decode-options.ts';
import { decodeFor } from './decode-image.ts';
import { fetchBytes } from './fetch-bytes.ts';

export interface ReadImageOptions extends DecodeImageOptions {
  /** Largest download in bytes; a longer one is broken off. @default 104857600, 100 MiB */
  maxBytes?: number;
  /** What downloads, for headers or a proxy of your own. @default fetch */
  fetch?: typeof fetch;
  /** Breaks a download off. */
  signal?: AbortSignal;
}

const MAX_BYTES = 100 * 2 ** 20;

/** A path may begin with `C:`; addresses have these schemes. */
function addressOf(source: string | URL): URL | undefined {
  if (source instanceof URL) return source;
  return /^(https?|file|data):/i.test(source) && URL.canParse(source) ? new URL(source) : undefined;
}

async function bytesOfFile(path: string | URL, name: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    const text = missing ? `there is no file '${name}'` : `'${name}' cannot be read: ${message}`;
    throw new KdError(missing ? 'NOT_FOUND' : 'UNAVAILABLE', `readImage: ${text}`, { name }, { cause: error });
  }
}

/**
 * Reads an image from a file, from the web, or from bytes in memory: the pixels that the data loader sees.
 *
 * Decoded as `decodeImage` says.
 *
 * @param source a path, an `http:`, `https:`, `file:` or `data:` address, or the bytes of an encoded image
 * @returns uint8 [height, width, 3], RGB
 * @throws {KdError} NOT_FOUND if there is no such file or page; UNAVAILABLE if it cannot be read or the server fails
 * @throws {KdError} INVALID_DATA if it is longer than `maxBytes`, and as `decodeImage`
 * @throws {KdError} UNSUPPORTED for other kinds of addresses
 *
 * @example
 * import { readImage } from '@kd/data/node';
 * const red = 'data:image/gif;base64,R0lGODlhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs=';
 * console.log(await readImage(red)); // { data: Uint8Array(3) [ 255, 0, 0 ], shape: [ 1, 1, 3 ] }
 */
export async function readImage(
  source: string | URL | Uint8Array,
  { maxBytes = MAX_BYTES, fetch: fetchFrom = fetch, signal, ...options }: ReadImageOptions = {},
): Promise<ImageArray> {
  if (source instanceof Uint8Array) return decodeFor('readImage', source, options);
  if (typeof source !== 'string' && !(source instanceof URL)) {
    const type = Object.prototype.toString.call(source).slice(8, -1);
    throw new KdError('INVALID_ARGUMENT', `readImage: source is ${type}, expected a path, a URL or a Uint8Array`, {
      type,
    });
  }
  const address = addressOf(source);
  const whole = String(source);
  const name = options.name ?? (whole.length > 200 ? `${whole.slice(0, 100)}…${whole.slice(-40)}` : whole);
  const bytes =
    !address || address.protocol === 'file:'
      ? await bytesOfFile(address ?? whole, name)
      : await fetchBytes('readImage', address, { maxBytes, fetch: fetchFrom, name, ...(signal && { signal }) });
  return decodeFor('readImage', bytes, { ...options, name });
}
