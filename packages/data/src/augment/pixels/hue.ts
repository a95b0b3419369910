import type { Uint8Image } from './uint8-image.ts';

const { fround } = Math;

/**
 * Turns the colour wheel: by `factor` of a full turn, in [-0.5, 0.5]. A grey image stays.
 *
 * RGB to HSV and back in float32 after each operation, as torchvision does for uint8 tensors.
 */
export function adjustHue({ data, shape }: Uint8Image, factor: number): Uint8Image {
  if (shape[2] === 1) return { data, shape };
  const turn = fround(factor);
  const out = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 3) {
    const r = fround(data[at]! / 255);
    const g = fround(data[at + 1]! / 255);
    const b = fround(data[at + 2]! / 255);
    const value = Math.max(r, g, b);
    const range = fround(value - Math.min(r, g, b));
    const saturation = range === 0 ? 0 : fround(range / value);
    const turned = fround(hueOf(r, g, b, value, range === 0 ? 1 : range) + turn) % 1;
    const hue = turned < 0 ? fround(turned + 1) : turned;
    const sixth = Math.floor(fround(hue * 6));
    const rest = fround(fround(hue * 6) - sixth);
    const low = clamp01(fround(value * fround(1 - saturation)));
    const falling = clamp01(fround(value * fround(1 - fround(saturation * rest))));
    const rising = clamp01(fround(value * fround(1 - fround(saturation * fround(1 - rest)))));
    const [red, green, blue] = [
      [value, rising, low],
      [falling, value, low],
      [low, value, rising],
      [low, falling, value],
      [rising, low, value],
      [value, low, falling],
    ][sixth % 6]!;
    // torch's conversion back to uint8: 255.999 * value, cut off.
    out[at] = fround(red! * SCALE);
    out[at + 1] = fround(green! * SCALE);
    out[at + 2] = fround(blue! * SCALE);
  }
  return { data: out, shape };
}

const SCALE = fround(255 + 1 - 1e-3);

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** In [0, 1). */
function hueOf(r: number, g: number, b: number, value: number, range: number): number {
  const redness = fround(fround(value - r) / range);
  const greenness = fround(fround(value - g) / range);
  const blueness = fround(fround(value - b) / range);
  const sixths =
    value === r
      ? fround(blueness - greenness)
      : value === g
        ? fround(fround(2 + redness) - blueness)
        : fround(fround(4 + greenness) - redness);
  return fround(fround(sixths / 6) + 1) % 1;
}
