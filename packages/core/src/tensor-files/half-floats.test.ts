import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { jsonFixture } from '../testing/fixtures.ts';
import { bfloatsToFloats, floatsToBfloats, floatsToHalves, halvesToFloats } from './half-floats.ts';

const hashes = jsonFixture<Record<string, { widened: string; narrowed: string }>>('halves.json');
const hash = (array: ArrayBufferView): string =>
  createHash('sha256').update(new Uint8Array(array.buffer)).digest('hex');

const everyHalf = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
/** As the script has them: bits of every kind, all over the 2^32. */
const floats = new Float32Array(Uint32Array.from({ length: 2 ** 20 }, (_, i) => (i * 2654435761) % 2 ** 32).buffer);

describe.each([
  ['F16', halvesToFloats, floatsToHalves],
  ['BF16', bfloatsToFloats, floatsToBfloats],
] as const)('%s', (name, widen, narrow) => {
  it('gives the float32 that numpy and torch give, for all 65536', () => {
    const widened = widen(everyHalf);
    const oneNaN = new Uint32Array(widened.buffer.slice());
    widened.forEach((value, i) => {
      if (Number.isNaN(value)) oneNaN[i] = 0x7fc00000;
    });
    expect(hash(oneNaN)).toBe(hashes[name]!.widened);
  });

  it("rounds a million float32 to torch's bits", () => {
    const narrowed = narrow(floats);
    floats.forEach((value, i) => {
      if (!Number.isNaN(value)) return;
      expect(widen(narrowed.subarray(i, i + 1))[0]).toBeNaN();
      narrowed[i] = 0x7fff;
    });
    expect(hash(narrowed)).toBe(hashes[name]!.narrowed);
  });

  it('gives every bit back, NaN payloads too', () => {
    expect(narrow(widen(everyHalf))).toEqual(everyHalf);
  });
});

describe('floatsToHalves', () => {
  it.each([
    [65504, 0x7bff],
    [65519.996, 0x7bff],
    [65520, 0x7c00],
    [2 ** -24, 1],
    [2 ** -25, 0], // a tie: to even
    [1.5 * 2 ** -24, 2], // a tie: to even
    [2 ** -14 - 2 ** -26, 0x400], // from the largest subnormal up
    [-0, 0x8000],
  ])('rounds %d to %i', (value, bits) => {
    expect(floatsToHalves(Float32Array.of(value))[0]).toBe(bits);
  });
});
