import type { ImageArray } from '@kd/core';
import { resizeImage } from '@kd/data';

/** Of MNIST's 28 pixels, the longer side of a digit has 20. */
const SHARE = 20 / 28;

interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** The smallest box around all ink. */
function boxAround({ data, shape }: ImageArray): Box | undefined {
  const [height = 0, width = 0] = shape;
  let [top, left, bottom, right] = [height, width, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      [top, bottom] = [Math.min(top, y), y];
      [left, right] = [Math.min(left, x), Math.max(right, x)];
    }
  }
  return bottom < 0 ? undefined : { top, left, height: bottom - top + 1, width: right - left + 1 };
}

/** A part of a gray image; what is outside of it is 0. */
function cut({ data, shape }: ImageArray, { top, left, height, width }: Box): ImageArray {
  const [rows = 0, columns = 0] = shape;
  const part = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [row, column] = [top + y, left + x];
      if (row >= 0 && row < rows && column >= 0 && column < columns)
        part[y * width + x] = data[row * columns + column]!;
    }
  }
  return { data: part, shape: [height, width, 1] };
}

/** Mean place of the ink, in pixels from the upper left corner of the image. */
export function centreOfMass({ data, shape }: ImageArray): { x: number; y: number } {
  const width = shape[1]!;
  let [x, y, mass] = [0, 0, 0];
  for (const [i, ink] of data.entries()) {
    x += ink * ((i % width) + 0.5);
    y += ink * (Math.floor(i / width) + 0.5);
    mass += ink;
  }
  return { x: x / mass, y: y / mass };
}

/**
 * A drawn digit as MNIST has its digits: cut out, its longer side made 20 of 28 pixels with antialiasing, and moved by whole pixels
 * until its centre of mass is in the pixel right below the middle: in all of MNIST it lies 14 to 15 pixels from each edge.
 *
 * @param ink uint8 [height, width, 1], 0 where nothing was drawn
 * @param side of the result
 * @returns uint8 [side, side, 1], or undefined if nothing was drawn
 *
 * Reference: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
 */
export function prepareDigit(ink: ImageArray, side: number): ImageArray | undefined {
  const box = boxAround(ink);
  if (!box) return undefined;
  const scale = (SHARE * side) / Math.max(box.height, box.width);
  const [height, width] = [box.height, box.width].map((edge) => Math.max(1, Math.round(edge * scale))) as [
    number,
    number,
  ];
  const digit = resizeImage(cut(ink, box), { height, width, filter: 'bilinear' });
  const centre = centreOfMass(digit);
  // Inside of the picture, even where the mass is at one end.
  const shift = (middle: number, edge: number): number =>
    Math.min(0, Math.max(edge - side, Math.floor(middle - side / 2)));
  return cut(digit, { top: shift(centre.y, height), left: shift(centre.x, width), height: side, width: side });
}
