import { readFileSync } from 'node:fs';
import { type ImageArray, KdError } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { mutated } from '../../../core/src/testing/fixtures.ts';
import { decodeImage } from './decode-image.ts';

/** What Pillow says: see fixtures/make_decode_fixtures.py. */
interface Expected {
  size: [number, number];
  pixels: string;
  turnedSize?: [number, number];
  turned?: string;
  tolerance: number;
  error?: string;
}

const folder = new URL('../../fixtures/', import.meta.url);
const { files } = JSON.parse(readFileSync(new URL('decode.json', folder), 'utf8')) as {
  files: Record<string, Expected>;
};
const bytesOf = (name: string): Uint8Array => readFileSync(new URL(`decode/${name}`, folder));
const names = (refused: boolean): string[] => Object.keys(files).filter((name) => 'error' in files[name]! === refused);

function largestDifference(actual: ArrayLike<number>, expected: Uint8Array): number {
  let largest = actual.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  return largest;
}

describe('decodeImage', () => {
  it.each(names(false))('reads %s as Pillow does', async (name) => {
    const { size, pixels, turnedSize = size, turned = pixels, tolerance } = files[name]!;
    const stored = await decodeImage(bytesOf(name), { exifOrientation: false });
    expect(stored.shape).toEqual([...size, 3]);
    expect(largestDifference(stored.data, Buffer.from(pixels, 'base64'))).toBeLessThanOrEqual(tolerance);
    const upright = await decodeImage(bytesOf(name));
    expect(upright.shape).toEqual([...turnedSize, 3]);
    expect(largestDifference(upright.data, Buffer.from(turned, 'base64'))).toBeLessThanOrEqual(tolerance);
  });

  it.each(names(true))('refuses %s by its name, as Pillow does', async (name) => {
    const error = await decodeImage(bytesOf(name), { name }).catch((caught: unknown) => caught);
    expect(KdError.isInstance(error), String(error)).toBe(true);
    expect((error as KdError).code).toBe('INVALID_DATA');
    expect((error as KdError).message).toMatch(/^decodeImage: /);
    expect((error as KdError).message).toContain(name);
  });

  it.each([
    ['jpg', 'rgb.jpg'],
    ['jpg', 'cmyk.jpg'],
    ['png', '16-bit-rgba.png'],
    ['webp', 'lossy-alpha.webp'],
    ['gif', 'animated.gif'],
    ['tif', 'lzw.tif'],
  ])('gives an image or a KdError for damaged %s files (%s)', async (_, name) => {
    const original = bytesOf(name);
    for (let id = 0; id < 150; id++) {
      const result = await decodeImage(mutated(original, id), { maxPixels: 1e6 }).catch((error: unknown) => error);
      if (KdError.isInstance(result)) expect(result.message).toMatch(/^decodeImage: image /);
      else {
        const { data, shape } = result as ImageArray;
        expect(data.length).toBe(shape[0]! * shape[1]! * 3);
        expect(shape[0]! * shape[1]!).toBeLessThanOrEqual(1e6);
      }
    }
  });

  it('takes no other arguments', async () => {
    await expect(decodeImage('leaf.jpg' as unknown as Uint8Array)).rejects.toThrow(
      'decodeImage: image is String, expected a Uint8Array',
    );
    await expect(decodeImage(bytesOf('rgb.jpg'), { maxPixels: 0 })).rejects.toThrow(
      'decodeImage: maxPixels must be >= 1, got 0',
    );
    const bmp = new TextEncoder().encode('BM0000');
    await expect(decodeImage(bmp, { name: 'leaf.bmp' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});
