import type { Uint8Image } from './uint8-image.ts';

/** A part of an image, in pixels from its upper left corner. */
export interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** What lies in the box, which must lie in the image. */
export function crop({ data, shape }: Uint8Image, { top, left, height, width }: Box): Uint8Image {
  const [, fullWidth, channels] = shape as [number, number, number];
  const row = width * channels;
  const out = new Uint8Array(height * row);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * fullWidth + left) * channels;
    out.set(data.subarray(from, from + row), y * row);
  }
  return { data: out, shape: [height, width, channels] };
}

/** Left becomes right. */
export function flipHorizontally({ data, shape }: Uint8Image): Uint8Image {
  const [height, width, channels] = shape as [number, number, number];
  const out = new Uint8Array(data.length);
  const row = width * channels;
  for (let start = 0; start < height * row; start += row) {
    for (let from = start, to = start + row - channels; from < start + row; from += channels, to -= channels) {
      for (let channel = 0; channel < channels; channel++) out[to + channel] = data[from + channel]!;
    }
  }
  return { data: out, shape };
}

/** Top becomes bottom. */
export function flipVertically({ data, shape }: Uint8Image): Uint8Image {
  const [height, width, channels] = shape as [number, number, number];
  const out = new Uint8Array(data.length);
  const row = width * channels;
  for (let y = 0; y < height; y++) out.set(data.subarray(y * row, (y + 1) * row), (height - 1 - y) * row);
  return { data: out, shape };
}
