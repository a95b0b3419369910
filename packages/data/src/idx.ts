import { KdError } from '@kd/core';

export interface ParseIdxOptions {
  /** What to call the bytes in messages, such as the file's path. @default 'bytes' */
  name?: string;
}

/** What an IDX file holds. */
export interface IdxArray {
  /** One to four sizes, each >= 1, the number of samples first. */
  shape: readonly number[];
  /** Row-major. A view of the bytes that were parsed, not a copy. */
  data: Uint8Array;
}

const hex = (word: number): string => `0x${word.toString(16).padStart(8, '0')}`;

/**
 * Reads an IDX file of unsigned bytes, the format of MNIST and Fashion-MNIST.
 *
 * Big-endian: two zero bytes, type 0x08, rank 1 to 4, one uint32 for each size, then the values. Labels have the magic
 * number 0x00000801, images 0x00000803. The length is checked before anything is read.
 *
 * @throws {KdError} INVALID_DATA if the bytes are gzipped, truncated, too long, or not an IDX file of unsigned bytes
 *
 * Reference: the format's description on LeCun's MNIST page (http://yann.lecun.com/exdb/mnist).
 *
 * @example
 * import { parseIdx } from '@kd/data';
 * const labels = parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4), { name: 'labels' });
 * console.log(labels.shape, labels.data.join(' ')); // [ 3 ] 5 0 4
 */
export function parseIdx(bytes: Uint8Array, { name = 'bytes' }: ParseIdxOptions = {}): IdxArray {
  const invalid = (why: string, details: Record<string, unknown> = {}): KdError =>
    new KdError('INVALID_DATA', `parseIdx: ${name}: ${why}`, { name, length: bytes.length, ...details });

  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw invalid('these bytes are gzipped: gunzip them first, or use loadIdx of @kd/data/node, which does');
  }
  if (bytes.length < 4) throw invalid(`${bytes.length} bytes are too few for a magic number: the file is truncated`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const rank = magic & 0xff;
  if (magic >>> 8 !== 0x08 || rank < 1 || rank > 4) {
    throw invalid(
      `magic number ${hex(magic)} is not that of an IDX file of unsigned bytes: ` +
        'expected 0x00000801 for labels or 0x00000803 for images',
      { magic },
    );
  }
  const headerLength = 4 + 4 * rank;
  if (bytes.length < headerLength) {
    throw invalid(
      `${bytes.length} bytes are too few for a header of ${headerLength}: the file is truncated, fetch it again`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = headerLength + shape.reduce((product, size) => product * size, 1);
  if (shape.includes(0)) throw invalid(`shape [${shape}] holds no values`, { shape });
  if (bytes.length !== expected) {
    const verdict =
      bytes.length < expected
        ? 'the file is truncated or its header wrong, fetch it again'
        : 'bytes follow its end, is it two files in one?';
    throw invalid(`shape [${shape}] takes ${expected} bytes, got ${bytes.length}: ${verdict}`, { shape, expected });
  }
  return { shape, data: new Uint8Array(bytes.buffer, bytes.byteOffset + headerLength, bytes.length - headerLength) };
}
