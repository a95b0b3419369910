import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodePng } from './png.ts';

/** Smooth, as in a photograph, with a little noise. */
const photo = (size: number): number[] =>
  Array.from({ length: size }, (_, i) => Math.round(120 + 80 * Math.sin(i / 97) + 30 * Math.cos(i / 1301)));

describe('encodePng', () => {
  it.each([
    [1, 1, 1],
    [28, 28, 1],
    [3, 7, 3],
    [257, 2, 1],
    [64, 48, 3],
  ] as const)('a picture of %d x %d with %d channels decodes to the same pixels', async (width, height, channels) => {
    for (const data of [
      Array.from({ length: width * height * channels }, (_, i) => (i * 97 + (i >> 3)) % 256),
      photo(width * height * channels),
    ]) {
      const png = await encodePng({ data, width, height, channels });
      const image = sharp(png);
      expect(await image.metadata()).toMatchObject({ format: 'png', width, height, channels, depth: 'uchar' });
      const raw = channels === 1 ? image.extractChannel(0) : image;
      expect([...(await raw.raw().toBuffer())]).toEqual(data);
    }
  });

  it('is smaller than what comes unfiltered for smooth pictures', async () => {
    const [width, height] = [96, 96];
    const data = Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return Math.round(128 + 60 * Math.sin(x / 9) + 60 * Math.cos((y + x) / 13) + (i % 3) * 2);
    });
    const png = await encodePng({ data, width, height, channels: 3 });
    expect(png.length).toBeLessThan(0.6 * width * height * 3);
  });
});
