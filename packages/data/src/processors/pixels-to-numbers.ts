import type { ResolvedConfig } from './resolve-config.ts';

/** For each channel the number of each pixel value, rounded to float32 where numpy does. */
function pixelTables(config: ResolvedConfig): Float32Array[] {
  const { fround } = Math;
  const factor = config.do_rescale ? config.rescale_factor : 1;
  return config.image_mean.map((mean, channel) => {
    const [mean32, std32] = [fround(mean), fround(config.image_std[channel]!)];
    return Float32Array.from({ length: 256 }, (_, pixel) => {
      const scaled = fround(pixel * factor);
      return config.do_normalize ? fround(scaled - mean32) / std32 : scaled;
    });
  });
}

/** Rescales and normalises, as the configuration says: there are only 256 values in each of 1 or 3 channels. */
export function pixelsToNumbers(config: ResolvedConfig): (pixels: Uint8Array) => Float32Array {
  const tables = pixelTables(config);
  const [red, green, blue] = tables as [Float32Array, Float32Array?, Float32Array?];
  return (pixels) => {
    const numbers = new Float32Array(pixels.length);
    if (green && blue) {
      // Three channels in one pass: a third of the time of a loop over channels.
      for (let i = 0; i < pixels.length; i += 3) {
        numbers[i] = red[pixels[i]!]!;
        numbers[i + 1] = green[pixels[i + 1]!]!;
        numbers[i + 2] = blue[pixels[i + 2]!]!;
      }
    } else {
      for (let i = 0; i < pixels.length; i++) numbers[i] = red[pixels[i]!]!;
    }
    return numbers;
  };
}
