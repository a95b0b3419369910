import type { ImageArray } from '@kd/core';
import { resizeImage } from '@kd/data';
import { loadMnist } from '@kd/data/node';
import { describe, expect, it } from 'vitest';
import { inkDifference } from '../testing/ink-difference.ts';
import { centreOfMass, prepareDigit } from './prepare-digit.ts';

const SIDE = 28;
const { test } = await loadMnist();
const digits = Array.from({ length: 1000 }, (_, i) => test.get(i).image);

/** Somewhere on a large pad, `scale` times as large. */
function onPad(digit: ImageArray, scale: number, top: number, left: number): ImageArray {
  const large = resizeImage(digit, { height: SIDE * scale, width: SIDE * scale, filter: 'bilinear' });
  const [height, width] = [400, 480];
  const pad = new Uint8Array(height * width);
  for (let y = 0; y < SIDE * scale; y++) {
    pad.set(large.data.subarray(y * SIDE * scale, (y + 1) * SIDE * scale) as Uint8Array, (top + y) * width + left);
  }
  return { data: pad, shape: [height, width, 1] };
}

describe('prepareDigit', () => {
  it('leaves the digits of MNIST as they are, wherever they are put', () => {
    const place = { height: 60, width: 90 };
    for (const [i, digit] of digits.entries()) {
      const [top, left] = [i % 32, i % 62];
      const moved = new Uint8Array(place.height * place.width);
      for (let y = 0; y < SIDE; y++) {
        moved.set(digit.data.subarray(y * SIDE, (y + 1) * SIDE), (top + y) * place.width + left);
      }
      const prepared = prepareDigit({ data: moved, shape: [place.height, place.width, 1] }, SIDE)!;
      expect(Buffer.compare(prepared.data as Uint8Array, digit.data as Uint8Array), `digit ${i}`).toBe(0);
    }
  });

  it('gives a large digit back in the size of MNIST', () => {
    const wrong = digits.slice(0, 50).map((digit, i) => {
      const prepared = prepareDigit(onPad(digit, 10, i, 2 * i), SIDE)!;
      expect(prepared.shape).toEqual([SIDE, SIDE, 1]);
      for (const middle of Object.values(centreOfMass(prepared))) {
        expect(middle).toBeGreaterThanOrEqual(14);
        expect(middle).toBeLessThan(15);
      }
      return inkDifference(prepared, digit);
    });
    // Resampled twice, and sometimes a pixel off.
    expect(wrong.reduce((a, b) => a + b) / wrong.length).toBeLessThan(0.4);
  });

  it('keeps all ink inside, even where the mass is at one end', () => {
    const hammer = new Uint8Array(100 * 100);
    for (let y = 0; y < 100; y++)
      for (let x = 0; x < 100; x++) if (y < 20 || (x > 45 && x < 50)) hammer[100 * y + x] = 255;
    const { data } = prepareDigit({ data: hammer, shape: [100, 100, 1] }, SIDE)!;
    const rows = Array.from({ length: SIDE }, (_, y) => data.subarray(y * SIDE, (y + 1) * SIDE).some((ink) => ink > 0));
    expect(rows.filter(Boolean)).toHaveLength(20);
  });

  it('is nothing where nothing was drawn', () => {
    expect(prepareDigit({ data: new Uint8Array(100), shape: [10, 10, 1] }, SIDE)).toBeUndefined();
  });
});
