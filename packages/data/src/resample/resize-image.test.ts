import { KdError } from '@kd/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import fixtures from '../../fixtures/resample.json' with { type: 'json' };
import { pillowNoise } from '../testing/pillow-noise.ts';
import { sha256 } from '../testing/sha256.ts';
import { coefficientsFor } from './coefficients.ts';
import type { ResampleFilter } from './filters.ts';
import { isVerticalFirst, type Resampling, resampleInJs } from './resample.ts';
import { resampleInWasm } from './resample-in-wasm.ts';
import { resizeImage } from './resize-image.ts';

type Shape = [height: number, width: number, channels: number];
const cases = fixtures.cases as {
  from: Shape;
  to: [number, number];
  filter: ResampleFilter;
  seed: number;
  sha256: string;
}[];
const FILTERS: readonly ResampleFilter[] = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'];

/** The image with its columns in the opposite order. */
function mirrored(data: Uint8Array, [height, width, channels]: Shape): Uint8Array {
  return data
    .map((_, at) => {
      const [row, x] = [Math.trunc(at / (width * channels)), Math.trunc(at / channels) % width];
      return data[(row * width + (width - 1 - x)) * channels + (at % channels)]!;
    })
    .subarray(0, height * width * channels);
}

/** Rows as columns. */
function transposed(data: Uint8Array, [height, width, channels]: Shape): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) out[(x * height + y) * channels + c] = data[(y * width + x) * channels + c]!;
    }
  }
  return out;
}

const side = fc.integer({ min: 1, max: 40 });
const anyShape = fc.tuple(side, side, fc.constantFrom(1, 3, 4)) as fc.Arbitrary<Shape>;

describe('resizeImage', () => {
  it.each(FILTERS)('gives the pixels of Pillow with %s, bit for bit', async (filter) => {
    const chosen = cases.filter((row) => row.filter === filter);
    expect(chosen.length).toBeGreaterThan(40);
    for (const { from, to, seed, sha256: expected } of chosen) {
      const { data, shape } = resizeImage(pillowNoise(from, seed), { height: to[0], width: to[1], filter });
      expect(shape).toEqual([...to, from[2]]);
      expect(await sha256(data as Uint8Array), `[${from}] to [${to}]`).toBe(expected);
    }
  });

  it('gives the same pixels with WebAssembly and without', () => {
    const wide = fc.integer({ min: 6, max: 90 });
    const filters = fc.constantFrom('box', 'bilinear', 'hamming', 'bicubic', 'lanczos') as fc.Arbitrary<
      Exclude<ResampleFilter, 'nearest'>
    >;
    fc.assert(
      fc.property(
        side,
        wide,
        side,
        wide,
        filters,
        fc.nat(),
        fc.boolean(),
        (height, width, toHeight, toWidth, filter, seed, verticalFirst) => {
          fc.pre(height !== toHeight || width !== toWidth);
          const { data } = pillowNoise([height, width, 3], seed);
          const horizontal = width === toWidth ? undefined : coefficientsFor(width, toWidth, filter);
          const vertical = height === toHeight ? undefined : coefficientsFor(height, toHeight, filter);
          const resampling: Resampling = {
            source: data as Uint8Array,
            shape: [height, width, 3],
            horizontal,
            vertical,
            verticalFirst,
          };
          expect(resampleInWasm(resampling)).toEqual(resampleInJs(resampling));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps an image of one colour, whatever the size and filter', () => {
    fc.assert(
      fc.property(
        anyShape,
        side,
        side,
        fc.constantFrom(...FILTERS),
        fc.integer({ min: 0, max: 255 }),
        (shape, height, width, filter, value) => {
          const image = { data: new Uint8Array(shape[0] * shape[1] * shape[2]).fill(value), shape };
          // Of RGBA the alpha varies colours by one, as in Pillow.
          if (shape[2] === 4) for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
          const { data } = resizeImage(image, { height, width, filter });
          expect(
            (data as Uint8Array).every((pixel, at) => pixel === (shape[2] === 4 && at % 4 === 3 ? 255 : value)),
          ).toBe(true);
        },
      ),
    );
  });

  it('returns an image that has the size already', () => {
    fc.assert(
      fc.property(anyShape, fc.constantFrom(...FILTERS), fc.nat(), (shape, filter, seed) => {
        const image = pillowNoise(shape, seed);
        expect(resizeImage(image, { height: shape[0], width: shape[1], filter })).toBe(image);
      }),
    );
  });

  it('does the same to rows and columns', () => {
    // With one pass there is no order of passes, so a transposed image must give the transposed result.
    fc.assert(
      fc.property(anyShape, side, fc.constantFrom(...FILTERS), fc.nat(), (shape, width, filter, seed) => {
        const [height, from, channels] = shape;
        const image = pillowNoise(shape, seed);
        const rows = resizeImage(image, { height, width, filter }).data as Uint8Array;
        const turned = { data: transposed(image.data as Uint8Array, shape), shape: [from, height, channels] };
        const columns = resizeImage(turned, { height: width, width: height, filter }).data as Uint8Array;
        expect(transposed(rows, [height, width, channels])).toEqual(columns);
      }),
    );
  });

  it.each(['bilinear', 'bicubic'] as const)('with %s mirrors what is mirrored, but for the last bit', (filter) => {
    // Not for box and nearest: at equal distance they take one side. Coefficients are computed from the left, hence the bit.
    fc.assert(
      fc.property(
        anyShape.filter(([, , channels]) => channels !== 4),
        side,
        side,
        fc.nat(),
        (shape, height, width, seed) => {
          const image = pillowNoise(shape, seed);
          const resized = resizeImage(image, { height, width, filter }).data as Uint8Array;
          const flipped = { data: mirrored(image.data as Uint8Array, shape), shape };
          const back = mirrored(resizeImage(flipped, { height, width, filter }).data as Uint8Array, [
            height,
            width,
            shape[2],
          ]);
          expect(back.every((pixel, at) => Math.abs(pixel - resized[at]!) <= 1)).toBe(true);
        },
      ),
    );
  });

  it('runs the vertical pass first by the rule of Pillow', () => {
    expect(isVerticalFirst([100, 100], [50, 76])).toBe(true);
    expect(isVerticalFirst([100, 100], [50, 75])).toBe(false);
    expect(isVerticalFirst([100, 100], [100, 200])).toBe(false);
  });

  it('weighs colours by alpha', () => {
    const image = { data: Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 0), shape: [1, 2, 4] }; // red, and invisible green
    expect([...resizeImage(image, { height: 1, width: 1, filter: 'box' }).data]).toEqual([255, 0, 0, 128]);
  });

  it.each([
    [{ height: 0, width: 5 }, /^resizeImage: height must be an integer >= 1, got 0/],
    [{ height: 5, width: 2.5 }, /^resizeImage: width must be an integer >= 1, got 2.5/],
    [{ height: 5, width: 5, filter: 'mitchell' as 'box' }, /^resizeImage: filter 'mitchell' is none of nearest, box/],
  ])('refuses %o', (options, message) => {
    expect(() => resizeImage(pillowNoise([4, 4, 3], 1), options)).toThrow(message);
  });

  it.each([
    [{ data: new Uint8Array(7), shape: [2, 2, 2] }, 'SHAPE_MISMATCH', /^resizeImage: shape \[2,2,2\] with 7 pixels/],
    [{ data: new Uint8Array(4), shape: [2, 2] }, 'SHAPE_MISMATCH', /shape \[2,2\]/],
    [{ data: new Float32Array(4), shape: [2, 2, 1] }, 'INVALID_DATA', /pixels are Float32Array, expected Uint8Array/],
  ])('refuses what is no image: %o', (image, code, message) => {
    const call = (): unknown => resizeImage(image, { height: 1, width: 1 });
    expect(call).toThrow(message);
    try {
      call();
    } catch (error) {
      expect(KdError.isInstance(error) && error.code).toBe(code);
    }
  });
});
