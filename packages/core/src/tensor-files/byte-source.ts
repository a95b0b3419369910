import { KdError } from '../errors.ts';

/** Bytes that can be read piece by piece: a file, a Blob, a URL with range requests. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /**
   * Reads `length` bytes from `offset` on.
   *
   * @returns bytes that belong to the caller: a tensor may be made of them without another copy
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Lets go of the file, if there is one. */
  close?(): Promise<void>;
}

/**
 * Bytes in memory as a source. Each read is a copy.
 *
 * @example
 * import { bytesSource } from '@kd/core';
 * const source = bytesSource(Uint8Array.of(1, 2, 3, 4));
 * console.log(await source.read(1, 2)); // Uint8Array(2) [ 2, 3 ]
 */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length))),
  };
}

/** Reads from a source of someone else's making, which may give fewer bytes than it was asked for. */
export async function readExactly(
  caller: string,
  source: ByteSource,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = await source.read(offset, length);
  if (bytes.length === length) return bytes;
  throw new KdError(
    'INVALID_DATA',
    `${caller}: asked for ${length} bytes from ${offset} on, the source gave ${bytes.length}: did the file change?`,
    { offset, length, got: bytes.length },
  );
}
