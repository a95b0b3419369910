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
  // One table after the other, 256 numbers each.
  const table = Float32Array.from({ length: 256 * channels }, (_, i) => {
    const channel = i >> 8;
    return fround(fround((i & 255) / 255) - mean[channel]!) / std[channel]!;
  });
  return (source, from, target, to, count) => {
    if (source instanceof Uint8Array) {
      lookUp(table, channels, source, from, target, to, count);
      return;
    }
    for (let i = 0; i < count; i++) {
      const channel = i % channels;
      target[to + i] = fround(source[from + i]! - mean[channel]!) / std[channel]!;
    }
  };
}

/** Written out for one and three channels, which takes half the time of a loop over the channels. */
function lookUp(
  table: Float32Array,
  channels: number,
  source: Uint8Array,
  from: number,
  target: Float32Array,
  to: number,
  count: number,
): void {
  if (channels === 1) {
    for (let i = 0; i < count; i++) target[to + i] = table[source[from + i]!]!;
  } else if (channels === 3) {
    for (let i = 0; i < count; i += 3) {
      target[to + i] = table[source[from + i]!]!;
      target[to + i + 1] = table[256 + source[from + i + 1]!]!;
      target[to + i + 2] = table[512 + source[from + i + 2]!]!;
    }
  } else {
    for (let i = 0; i < count; i++) target[to + i] = table[((i % channels) << 8) | source[from + i]!]!;
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
