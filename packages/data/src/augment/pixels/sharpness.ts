import { blender } from './blend.ts';
import type { Uint8Image } from './uint8-image.ts';

/**
 * Blends with the image smoothed by `[1 1 1; 1 5 1; 1 1 1] / 13`: 0 is smooth, 1 the image, 2 sharper.
 * The border stays, and so does an image with a side below 3.
 */
export function adjustSharpness(image: Uint8Image, factor: number): Uint8Image {
  const { data, shape } = image;
  const [height, width, channels] = shape as [number, number, number];
  if (height <= 2 || width <= 2) return image;
  const blend = blender(factor);
  const row = width * channels;
  // The border blends with itself, which rounds as torchvision's does.
  const out = Uint8Array.from(data, (pixel) => blend(pixel, pixel));
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + channels; i < (y + 1) * row - channels; i++) {
      const around = threeAt(data, i - row, channels) + threeAt(data, i, channels) + threeAt(data, i + row, channels);
      // Never a half: 13 is odd.
      out[i] = blend(data[i]!, Math.round((around + 4 * data[i]!) / 13));
    }
  }
  return { data: out, shape };
}

function threeAt(data: Uint8Array, i: number, channels: number): number {
  return data[i - channels]! + data[i]! + data[i + channels]!;
}
