import { describe, expect, it } from 'vitest';
import { MNIST_NORMALIZATION, type Normalization, pixelNormalizer } from './normalization.ts';

const allPixels = Uint8Array.from({ length: 256 }, (_, pixel) => pixel);

function normalized(pixels: Uint8Array | Float32Array, normalization?: Normalization): Float32Array {
  const target = new Float32Array(pixels.length);
  pixelNormalizer('test', normalization)(pixels, 0, target, 0, pixels.length);
  return target;
}

describe('pixelNormalizer', () => {
  it.each([MNIST_NORMALIZATION, { mean: 0, std: 1 }, { mean: 0.2860406, std: 0.3530242 }])(
    'is (pixel / 255 - mean) / std for every pixel: %j',
    ({ mean, std }) => {
      normalized(allPixels, { mean, std }).forEach((value, pixel) => {
        expect(Math.abs(value - (pixel / 255 - mean) / std)).toBeLessThan(1e-6);
      });
    },
  );

  it('goes to [0, 1] and no further without a normalisation', () => {
    expect(normalized(Uint8Array.of(0, 51, 255))).toEqual(Float32Array.of(0, 0.2, 1));
  });

  it('gives float32 pixels in [0, 1] what it gives the same pixels as uint8', () => {
    expect(normalized(normalized(allPixels), MNIST_NORMALIZATION)).toEqual(normalized(allPixels, MNIST_NORMALIZATION));
  });

  it('writes only where it is told', () => {
    const target = new Float32Array(5).fill(7);
    pixelNormalizer('test')(Uint8Array.of(0, 255, 51, 0), 1, target, 2, 2);
    expect(target).toEqual(Float32Array.of(7, 7, 1, 0.2, 7));
  });

  it.each([
    [0, 0],
    [0, -1],
    [0, Number.NaN],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
    [0, Number.POSITIVE_INFINITY],
  ])('refuses mean %d and std %d', (mean, std) => {
    expect(() => pixelNormalizer('test', { mean, std })).toThrow(
      `test: normalize needs a finite mean and a std > 0, got mean ${mean} and std ${std}`,
    );
  });
});
