import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeGrayPng } from './png.ts';

describe('encodeGrayPng', () => {
  it.each([
    [1, 1],
    [28, 28],
    [3, 7],
    [257, 2],
  ])('a picture of %d x %d decodes to the same pixels', async (width, height) => {
    const pixels = Array.from({ length: width * height }, (_, i) => (i * 97 + (i >> 3)) % 256);
    const png = encodeGrayPng(pixels, width, height);
    const { data, info } = await sharp(png).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([width, height]);
    expect([...data]).toEqual(pixels);
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', space: 'b-w', channels: 1, depth: 'uchar' });
  });
});
