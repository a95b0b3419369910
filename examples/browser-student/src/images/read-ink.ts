import type { ImageArray } from '@kd/core';
import { prepareDigit } from './prepare-digit.ts';

/** What differs from the ground by less than this share of the darkest ink is paper. */
const PAPER = 0.3;

const luma = (red: number, green: number, blue: number): number => 0.299 * red + 0.587 * green + 0.114 * blue;

/** Gray values along the border. */
function border(gray: readonly number[], height: number, width: number): number[] {
  return gray.filter((_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return y === 0 || x === 0 || y === height - 1 || x === width - 1;
  });
}

/**
 * The digit on a picture, whether light on dark or dark on light, as MNIST has its digits. A picture that has MNIST's size already is
 * left as it is, but for its polarity.
 *
 * @param image uint8 [height, width, 3]
 * @param side of the result
 * @returns uint8 [side, side, 1], or undefined if there is nothing on it
 */
export function readInk({ data, shape }: ImageArray, side: number): ImageArray | undefined {
  const [height = 0, width = 0] = shape;
  const gray = Array.from({ length: height * width }, (_, i) =>
    Math.round(luma(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!)),
  );
  const edge = border(gray, height, width).sort((a, b) => a - b);
  const ground = edge[edge.length >> 1]!;
  if (height === side && width === side) {
    return { data: Uint8Array.from(gray, (value) => (ground > 127 ? 255 - value : value)), shape: [side, side, 1] };
  }
  const ink = gray.map((value) => Math.abs(value - ground));
  const darkest = ink.reduce((a, b) => Math.max(a, b), 0);
  const pixels = Uint8Array.from(ink, (value) => (value < PAPER * darkest ? 0 : (255 * value) / darkest));
  return darkest === 0 ? undefined : prepareDigit({ data: pixels, shape: [height, width, 1] }, side);
}
