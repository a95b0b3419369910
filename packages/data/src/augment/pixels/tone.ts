import { mapChannels, mapPixels, type Uint8Image } from './uint8-image.ts';

const { fround } = Math;

/** Keeps the upper `bits` of each pixel, an integer in [0, 8]. */
export function posterize(image: Uint8Image, bits: number): Uint8Image {
  const mask = 256 - 2 ** (8 - bits);
  return mapPixels(
    image,
    Uint8Array.from({ length: 256 }, (_, pixel) => pixel & mask),
  );
}

/** Inverts pixels of at least `threshold`, in [0, 255]. */
export function solarize(image: Uint8Image, threshold: number): Uint8Image {
  return mapPixels(
    image,
    Uint8Array.from({ length: 256 }, (_, pixel) => (pixel >= threshold ? 255 - pixel : pixel)),
  );
}

/** The brightest level that is there. */
function highest(counts: Uint32Array): number {
  let level = 255;
  while (counts[level] === 0) level--;
  return level;
}

function histograms({ data, shape }: Uint8Image): Uint32Array[] {
  const channels = shape[2]!;
  const counts = Array.from({ length: channels }, () => new Uint32Array(256));
  for (let i = 0; i < data.length; i++) counts[i % channels]![data[i]!]! += 1;
  return counts;
}

/** Stretches each channel so that its darkest pixel is 0 and its brightest 255. */
export function autoContrast(image: Uint8Image): Uint8Image {
  const tables = histograms(image).map((counts) => {
    const low = counts.findIndex((count) => count > 0);
    const high = highest(counts);
    const scale = fround(255 * fround(1 / (high - low))); // as torch divides a number by a tensor
    return Uint8Array.from({ length: 256 }, (_, pixel) =>
      high === low ? pixel : Math.min(255, Math.max(0, fround((pixel - low) * scale))),
    );
  });
  return mapChannels(image, tables);
}

/** Spreads the levels of each channel so that all are used about as often. */
export function equalize(image: Uint8Image): Uint8Image {
  const tables = histograms(image).map((counts) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const step = Math.floor((total - counts[highest(counts)]!) / 255);
    const table = Uint8Array.from({ length: 256 }, (_, pixel) => pixel);
    if (step === 0) return table;
    let below = 0;
    for (let pixel = 0; pixel < 256; pixel++) {
      table[pixel] = pixel === 0 ? 0 : Math.min(255, Math.floor((below + Math.floor(step / 2)) / step));
      below += counts[pixel]!;
    }
    return table;
  });
  return mapChannels(image, tables);
}
