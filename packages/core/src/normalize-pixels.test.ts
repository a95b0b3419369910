import { describe, expect, it } from 'vitest';
import { normalizeImages, pixelNormalizer } from './normalize-pixels.ts';

const allPixels = Uint8Array.from({ length: 256 }, (_, pixel) => pixel);

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

describe('pixelNormalizer', () => {
  it.each([{ mean: [0.1307], std: [0.3081] }, { mean: [0], std: [1] }, IMAGENET, { mean: [0.5, -2], std: [4, 0.01] }])(
    'is (pixel / 255 - mean) / std of the channel: %j',
    (normalization) => {
      const channels = normalization.mean.length;
      const source = Uint8Array.from({ length: 256 * channels }, (_, i) => Math.floor(i / channels));
      const target = new Float32Array(source.length);
      pixelNormalizer('test', normalization)(source, 0, target, 0, source.length);
      target.forEach((value, i) => {
        const [mean, std] = [normalization.mean[i % channels]!, normalization.std[i % channels]!];
        const expected = (source[i]! / 255 - mean) / std;
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(3e-7 * (Math.abs(expected) + 1 / std));
      });
    },
  );

  it('gives float32 pixels in [0, 1] what it gives the same pixels as uint8', () => {
    const [fromFloats, fromLevels] = [new Float32Array(255), new Float32Array(255)];
    const floats = Float32Array.from(allPixels, (pixel) => pixel / 255);
    pixelNormalizer('test', IMAGENET)(floats, 0, fromFloats, 0, 255);
    pixelNormalizer('test', IMAGENET)(allPixels, 0, fromLevels, 0, 255);
    expect(fromFloats).toEqual(fromLevels);
  });

  it.each([1, 2, 3, 4])('is that to the bit wherever the pixels lie, and how many: %d channels', (channels) => {
    const normalization = {
      mean: [0.485, 0.456, 0.406, 0.3].slice(0, channels),
      std: [0.229, 0.224, 0.225, 2].slice(0, channels),
    };
    const write = pixelNormalizer('test', normalization);
    const memory = Uint8Array.from({ length: 200 }, (_, i) => i * 91);
    const { fround } = Math;
    for (let offset = 0; offset < 8; offset++) {
      for (let count = 0; count <= 60; count += channels) {
        const [source, from] = [memory.subarray(offset % 4), offset < 4 ? 0 : channels];
        const target = new Float32Array(70).fill(7);
        write(source, from, target, 3, count);
        const expected = Float32Array.from(target.keys(), (at) => {
          const i = at - 3;
          if (i < 0 || i >= count) return 7;
          const [mean, std] = [normalization.mean[i % channels]!, normalization.std[i % channels]!];
          return fround(fround(source[from + i]! / 255) - fround(mean)) / fround(std);
        });
        expect(target).toEqual(expected);
      }
    }
  });

  it('writes only where it is told', () => {
    const target = new Float32Array(5).fill(7);
    pixelNormalizer('test', { mean: [0], std: [1] })(Uint8Array.of(0, 255, 51, 0), 1, target, 2, 2);
    expect(target).toEqual(Float32Array.of(7, 7, 1, 0.2, 7));
  });

  it.each([
    [[0], [0]],
    [[0], [-1]],
    [[0], [Number.NaN]],
    [[Number.NaN], [1]],
    [[Number.POSITIVE_INFINITY], [1]],
    [[0], [Number.POSITIVE_INFINITY]],
    [[0, 0], [1]],
    [[], []],
  ])('refuses mean %j and std %j', (mean, std) => {
    expect(() => pixelNormalizer('test', { mean, std })).toThrow(
      `test: normalize needs a finite mean and a std > 0, got mean ${mean} and std ${std}`,
    );
  });
});

describe('normalizeImages', () => {
  it('is what the normaliser makes of uint8 images', () => {
    const images = { data: allPixels.subarray(0, 252), shape: [2, 6, 7, 3] };
    const expected = new Float32Array(252);
    pixelNormalizer('test', IMAGENET)(images.data, 0, expected, 0, 252);
    expect(normalizeImages('test', images, IMAGENET)).toEqual(expected);
  });

  it('leaves float32 images as they are', () => {
    const data = Float32Array.of(1, 2);
    expect(normalizeImages('test', { data, shape: [1, 1, 2, 1] }, { mean: [9], std: [9] })).toBe(data);
  });

  it.each([
    [undefined, 'there is none; let the loader give it'],
    [{ mean: [0], std: [1] }, 'there is one for 1 channels'],
  ])('refuses uint8 images of three channels with %j', (normalization, message) => {
    const images = { data: new Uint8Array(3), shape: [1, 1, 1, 3] };
    expect(() => normalizeImages('train', images, normalization)).toThrow(message);
    expect(() => normalizeImages('train', images, normalization)).toThrow(
      /^train: uint8 images of shape \[1,1,1,3\] need the mean and std of 3 channels/,
    );
  });
});
