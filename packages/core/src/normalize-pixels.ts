import type { ImageArray, PixelNormalization } from './batch.ts';
import { KdError } from './errors.ts';

/** Writes `count` pixels as numbers; `from`, `to` and `count` are whole multiples of the channels. */
export type NormalizePixels = (
  source: Float32Array | Uint8Array,
  from: number,
  target: Float32Array,
  to: number,
  count: number,
) => void;

const { fround } = Math;

function checkNormalization(where: string, { mean, std }: PixelNormalization): void {
  const sane = mean.length > 0 && mean.length === std.length && mean.every(Number.isFinite);
  if (sane && std.every((value) => Number.isFinite(value) && value > 0)) return;
  throw new KdError(
    'INVALID_ARGUMENT',
    `${where}: normalize needs a finite mean and a std > 0, got mean ${mean} and std ${std}`,
    { mean, std },
  );
}

/**
 * The function that normalises pixels, `(pixel / 255 - mean) / std` of their channel, rounded to float32 after each
 * operation as torchvision's ToTensor and Normalize do. uint8 pixels count to 255, float32 pixels to 1.
 *
 * @param where begins the message if the numbers are none
 * @throws {KdError} INVALID_ARGUMENT if a mean is not finite, a std not above 0, or there are not as many of both
 *
 * @example
 * import { pixelNormalizer } from '@kd/core';
 * const write = pixelNormalizer('example', { mean: [0.5], std: [0.5] });
 * const numbers = new Float32Array(3);
 * write(Uint8Array.of(0, 255, 51), 0, numbers, 0, 3);
 * console.log(Array.from(numbers, (value) => value.toFixed(2))); // [ '-1.00', '1.00', '-0.60' ]
 */
export function pixelNormalizer(where: string, normalization: PixelNormalization): NormalizePixels {
  checkNormalization(where, normalization);
  const mean = Float32Array.from(normalization.mean);
  const std = Float32Array.from(normalization.std);
  const channels = mean.length;
  // One table after the other, 256 numbers each; three of them for one channel too.
  const tables = 3 % channels === 0 ? 3 : channels;
  const table = Float32Array.from({ length: 256 * tables }, (_, i) => {
    const channel = (i >> 8) % channels;
    return fround(fround((i & 255) / 255) - mean[channel]!) / std[channel]!;
  });
  return (source, from, target, to, count) => {
    if (source instanceof Uint8Array) {
      lookUp(table, source, from, target, to, count);
      return;
    }
    for (let i = 0; i < count; i++) {
      const channel = i % channels;
      target[to + i] = fround(source[from + i]! - mean[channel]!) / std[channel]!;
    }
  };
}

/** For three tables four pixels are read at a time, where they lie so: half the time of one by one. */
function lookUp(
  table: Float32Array,
  source: Uint8Array,
  from: number,
  target: Float32Array,
  to: number,
  count: number,
): void {
  const tables = table.length >> 8;
  const start = source.byteOffset + from;
  const inWords = tables === 3 && start % 4 === 0 ? count - (count % 12) : 0;
  if (inWords > 0) lookUpWords(table, new Uint32Array(source.buffer, start, inWords / 4), target, to);
  for (let i = inWords; i < count; i++) target[to + i] = table[((i % tables) << 8) | source[from + i]!]!;
}

/** Twelve pixels, of tables 0, 1, 2, 0 and so on, in three words: the first in the lowest byte, as on all of today's machines. */
function lookUpWords(table: Float32Array, words: Uint32Array, target: Float32Array, to: number): void {
  for (let word = 0, out = to; word < words.length; word += 3, out += 12) {
    const a = words[word]!;
    const b = words[word + 1]!;
    const c = words[word + 2]!;
    target[out] = table[a & 255]!;
    target[out + 1] = table[256 | ((a >>> 8) & 255)]!;
    target[out + 2] = table[512 | ((a >>> 16) & 255)]!;
    target[out + 3] = table[a >>> 24]!;
    target[out + 4] = table[256 | (b & 255)]!;
    target[out + 5] = table[512 | ((b >>> 8) & 255)]!;
    target[out + 6] = table[(b >>> 16) & 255]!;
    target[out + 7] = table[256 | (b >>> 24)]!;
    target[out + 8] = table[512 | (c & 255)]!;
    target[out + 9] = table[(c >>> 8) & 255]!;
    target[out + 10] = table[256 | ((c >>> 16) & 255)]!;
    target[out + 11] = table[512 | (c >>> 24)]!;
  }
}

/**
 * Images as the network takes them: what an engine does to a batch before it uploads it.
 *
 * @param images uint8 NHWC or HWC, or float32, which is ready and returned as it is
 * @throws {KdError} INVALID_ARGUMENT for uint8 images without a normalisation, or with one for other channels
 *
 * @example
 * import { normalizeImages } from '@kd/core';
 * const images = { data: Uint8Array.of(0, 255), shape: [1, 1, 2, 1] };
 * console.log(normalizeImages('example', images, { mean: [0.5], std: [0.5] })); // Float32Array(2) [ -1, 1 ]
 */
export function normalizeImages(
  where: string,
  { data, shape }: ImageArray,
  normalization: PixelNormalization | undefined,
): Float32Array {
  if (!(data instanceof Uint8Array)) return data;
  const channels = shape.at(-1);
  if (!normalization || normalization.mean.length !== channels) {
    const given = normalization ? `one for ${normalization.mean.length} channels` : 'none';
    throw new KdError(
      'INVALID_ARGUMENT',
      `${where}: uint8 images of shape [${shape}] need the mean and std of ${channels} channels as the batch's ` +
        `normalization, there is ${given}; let the loader give it or normalise the images`,
      { shape, normalization },
    );
  }
  const numbers = new Float32Array(data.length);
  pixelNormalizer(where, normalization)(data, 0, numbers, 0, data.length);
  return numbers;
}
