import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseIdx } from './idx.ts';
import { idxBytes } from './testing/idx-bytes.ts';

const name = 'train';

describe('parseIdx', () => {
  it.each([[[7]], [[3, 2]], [[2, 3, 4]], [[2, 3, 4, 3]]])('reads shape %j', (shape) => {
    const count = shape.reduce((a, b) => a * b);
    const parsed = parseIdx(idxBytes(shape));
    expect(parsed.shape).toEqual(shape);
    expect(Array.from(parsed.data)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it('reads from the middle of a buffer, and a Buffer as plain bytes', () => {
    const around = Buffer.alloc(40, 9);
    around.set(idxBytes([2, 1, 3]), 5);
    const { data } = parseIdx(around.subarray(5, 5 + 22));
    expect(data).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5));
    expect(Object.getPrototypeOf(data)).toBe(Uint8Array.prototype);
  });

  it('refuses a file cut at any byte', () => {
    const bytes = idxBytes([2, 2, 2]);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseIdx(bytes.subarray(0, length), { name }), `${length} bytes`).toThrow(
        /^parseIdx: train: .*truncated/,
      );
    }
  });

  it('names both sizes of a file that is too short or too long', () => {
    const bytes = idxBytes([2, 2, 2]);
    expect(() => parseIdx(bytes.subarray(0, 20), { name })).toThrow(
      'parseIdx: train: shape [2,2,2] takes 24 bytes, got 20: the file is truncated or its header wrong, fetch it again',
    );
    expect(() => parseIdx(Uint8Array.of(...bytes, 0), { name })).toThrow(
      'parseIdx: train: shape [2,2,2] takes 24 bytes, got 25: bytes follow its end, is it two files in one?',
    );
  });

  it.each([
    ['float32 values', [0, 0, 0x0d, 3], '0x00000d03'],
    ['little-endian', [3, 8, 0, 0], '0x03080000'],
    ['rank 0', [0, 0, 8, 0], '0x00000800'],
    ['rank 5', [0, 0, 8, 5], '0x00000805'],
    ['PNG', [0x89, 0x50, 0x4e, 0x47], '0x89504e47'],
  ])('refuses the magic number of %s', (_, magic, printed) => {
    expect(() => parseIdx(Uint8Array.of(...magic, ...new Array(60).fill(1)), { name })).toThrow(
      `parseIdx: train: magic number ${printed} is not that of an IDX file of unsigned bytes: ` +
        'expected 0x00000801 for labels or 0x00000803 for images',
    );
  });

  it('says what to do with gzipped bytes', () => {
    expect(() => parseIdx(gzipSync(idxBytes([3])), { name })).toThrow(
      'parseIdx: train: these bytes are gzipped: gunzip them first, or use loadIdx of @kd/data/node, which does',
    );
  });

  it.each([
    [[2 ** 31, 2 ** 31, 2 ** 31]],
    [[2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1]],
    [[2 ** 31]],
    [[60_000, 28, 28]],
  ])('does not allocate what a lying header claims: %j', (shape) => {
    const bytes = idxBytes(shape.map(() => 1));
    shape.forEach((size, axis) => {
      new DataView(bytes.buffer).setUint32(4 + 4 * axis, size);
    });
    const before = process.memoryUsage().arrayBuffers;
    expect(() => parseIdx(bytes, { name })).toThrow(`parseIdx: train: shape [${shape}] takes `);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it('refuses sizes of 0, also beside huge ones', () => {
    expect(() => parseIdx(idxBytes([0]), { name })).toThrow('parseIdx: train: shape [0] holds no values');
    const bytes = idxBytes([0, 1]);
    new DataView(bytes.buffer).setUint32(8, 2 ** 32 - 1);
    expect(() => parseIdx(bytes, { name })).toThrow('parseIdx: train: shape [0,4294967295] holds no values');
  });

  it('throws a KdError with the values', () => {
    expect(() => parseIdx(idxBytes([4]).subarray(0, 9))).toThrow(
      expect.objectContaining({
        code: 'INVALID_DATA',
        details: { name: 'bytes', length: 9, shape: [4], expected: 12 },
      }),
    );
  });
});
