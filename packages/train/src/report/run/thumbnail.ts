import type { Batch, PixelNormalization } from '@kd/core';
import type { PngPixels } from '../png.ts';

/** Pixels of the longer side, at most: 24 photographs make a page of half a megabyte. */
const LONGEST = 96;

/**
 * One image of a batch as bytes, small enough for a page: blocks of pixels become their mean.
 *
 * @param normalization that float32 pixels have been through, to undo it; without it they are stretched so that the
 *   image's smallest becomes black and its largest white
 */
export function thumbnail({ images }: Batch, index: number, normalization?: PixelNormalization): PngPixels {
  const [, height = 1, width = 1, depth = 1] = images.shape;
  const size = height * width * depth;
  const values = images.data.subarray(index * size, (index + 1) * size);
  const block = Math.max(1, Math.ceil(Math.max(height, width) / LONGEST));
  const [rows, columns] = [Math.floor(height / block) || 1, Math.floor(width / block) || 1];
  const channels = depth >= 3 ? 3 : 1;
  const toByte = byteOf(values, normalization);
  const data = new Uint8Array(rows * columns * channels);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let c = 0; c < channels; c++) {
        let [sum, count] = [0, 0];
        for (let dy = 0; dy < block && y * block + dy < height; dy++) {
          for (let dx = 0; dx < block && x * block + dx < width; dx++) {
            sum += values[((y * block + dy) * width + x * block + dx) * depth + c]!;
            count += 1;
          }
        }
        data[(y * columns + x) * channels + c] = Math.min(255, Math.max(0, Math.round(toByte(sum / count, c))));
      }
    }
  }
  return { data, width: columns, height: rows, channels };
}

function byteOf(
  values: Float32Array | Uint8Array,
  normalization: PixelNormalization | undefined,
): (value: number, channel: number) => number {
  if (values instanceof Uint8Array) return (value) => value;
  if (normalization) {
    const { mean, std } = normalization;
    return (value, channel) => 255 * (value * (std[channel] ?? 1) + (mean[channel] ?? 0));
  }
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return (value) => (high > low ? (255 * (value - low)) / (high - low) : 0);
}
