import type { ImageArray } from '@kd/core';

/** Where an output pixel (x, y), counted from the image's centre, comes from: `(a x + b y + c, d x + e y + f)`. */
type InverseMatrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Ties go to the even neighbour, as in torch's `grid_sample`. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** Nearest pixel, no interpolation; what comes from outside is 0. */
function transform<Image extends ImageArray>(image: Image, [a, b, c, d, e, f]: InverseMatrix): Image {
  const { data, shape } = image;
  const [height, width, channels] = shape as [number, number, number];
  const out = data instanceof Uint8Array ? new Uint8Array(data.length) : new Float32Array(data.length);
  const [centerX, centerY] = [(width - 1) / 2, (height - 1) / 2];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += channels) {
      const fromX = roundHalfEven(a * (x - centerX) + b * (y - centerY) + c + centerX);
      const fromY = roundHalfEven(d * (x - centerX) + e * (y - centerY) + f + centerY);
      if (fromX < 0 || fromX >= width || fromY < 0 || fromY >= height) continue;
      const from = (fromY * width + fromX) * channels;
      for (let channel = 0; channel < channels; channel++) out[at + channel] = data[from + channel]!;
    }
  }
  return { ...image, data: out };
}

/** Turns counterclockwise about the centre. */
export function rotate<Image extends ImageArray>(image: Image, degrees: number): Image {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return transform(image, [cos, -sin, 0, sin, cos, 0]);
}

/** Row y moves left by `amount * y`, counted from the upper edge. */
export function shearX<Image extends ImageArray>(image: Image, amount: number): Image {
  return transform(image, [1, amount, amount * (image.shape[0]! / 2), 0, 1, 0]);
}

/** Column x moves up by `amount * x`, counted from the left edge. */
export function shearY<Image extends ImageArray>(image: Image, amount: number): Image {
  return transform(image, [1, 0, 0, amount, 1, amount * (image.shape[1]! / 2)]);
}

/** Moves by whole pixels, dx to the right and dy down; where nothing goes there is 0. */
export function translate<Image extends ImageArray>(image: Image, dx: number, dy: number): Image {
  const { data, shape } = image;
  const [height, width, channels] = shape as [number, number, number];
  const out = data instanceof Uint8Array ? new Uint8Array(data.length) : new Float32Array(data.length);
  const count = (width - Math.abs(dx)) * channels;
  const fromX = Math.max(0, -dx) * channels;
  const toX = Math.max(0, dx) * channels;
  const row = width * channels;
  for (let y = Math.max(0, dy); count > 0 && y < Math.min(height, height + dy); y++) {
    const from = (y - dy) * row + fromX;
    out.set(data.subarray(from, from + count), y * row + toX);
  }
  return { ...image, data: out };
}
