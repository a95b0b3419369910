import type { ImageArray } from '@kd/core';
import type { Sides } from './settings.ts';

/** Where a crop of one side starts in the image; negative, if the image is smaller, by the rows of padding before it. */
function offset(from: number, to: number): number {
  const start = Math.floor((from - to) / 2);
  // transformers pads to the larger side first, rounding up, and crops what was found before, shifted by the padding.
  return start < 0 ? -Math.ceil((to - from) / 2) : start;
}

/** The middle of a uint8 image, as in transformers: offsets rounded down, and black around images that are too small. */
export function centerCrop({ data, shape }: ImageArray, [height, width]: Sides): ImageArray {
  const [fromHeight, fromWidth, channels] = shape as [number, number, number];
  if (fromHeight === height && fromWidth === width) return { data, shape };
  const [top, left] = [offset(fromHeight, height), offset(fromWidth, width)];
  const out = new Uint8Array(height * width * channels);
  const columns = Math.min(width, fromWidth) * channels;
  const [from, to] = [Math.max(0, left) * channels, Math.max(0, -left) * channels];
  for (let y = Math.max(0, -top); y < height && y + top < fromHeight; y++) {
    const row = (y + top) * fromWidth * channels + from;
    out.set((data as Uint8Array).subarray(row, row + columns), y * width * channels + to);
  }
  return { data: out, shape: [height, width, channels] };
}
