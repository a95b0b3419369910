import type { Uint8Image } from './uint8-image.ts';

const { fround } = Math;

/**
 * The function `(a, b) → factor * a + (1 - factor) * b`, in float32 after each operation, clamped to [0, 255] and cut off
 * to an integer: torchvision's `_blend` of uint8 tensors. Factors above 1 go away from b.
 */
export function blender(factor: number): (a: number, b: number) => number {
  const toA = fround(factor);
  const toB = fround(1 - factor);
  return (a, b) => Math.trunc(Math.min(255, Math.max(0, fround(fround(toA * a) + fround(toB * b)))));
}

const weights = [0.2989, 0.587, 0.114].map((weight) =>
  Float32Array.from({ length: 256 }, (_, pixel) => fround(weight) * pixel),
) as [Float32Array, Float32Array, Float32Array];

/** Brightness of each pixel, `0.2989 r + 0.587 g + 0.114 b` cut off to an integer; a grey image is its own. */
export function luma({ data, shape }: Uint8Image): Uint8Array {
  if (shape[2] === 1) return data;
  const [red, green, blue] = weights;
  const out = new Uint8Array(data.length / 3);
  for (let i = 0, at = 0; i < out.length; i++, at += 3) {
    out[i] = fround(fround(red[data[at]!]! + green[data[at + 1]!]!) + blue[data[at + 2]!]!);
  }
  return out;
}
