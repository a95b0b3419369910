import { open } from 'node:fs/promises';
import { KdError } from '../errors.ts';
import type { ByteSource } from '../tensor-files/byte-source.ts';

const MAX_READ = 2 ** 30; // a single read of 2 GB or more fails

/**
 * A file as a source of bytes: each read is one copy, from the disk into an array of its own.
 *
 * The file stays open until `close()`. A file that is replaced meanwhile (renamed over) is still read as it was.
 *
 * @throws {KdError} NOT_FOUND if there is no such file
 *
 * @example
 * import { writeFileAtomic, fileSource } from '@kd/core/node';
 * await writeFileAtomic('some.bin', Uint8Array.of(1, 2, 3, 4));
 * const source = await fileSource('some.bin');
 * console.log(source.size, await source.read(1, 2)); // 4 Uint8Array(2) [ 2, 3 ]
 * await source.close();
 */
export async function fileSource(path: string): Promise<ByteSource & { close(): Promise<void> }> {
  const handle = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    throw new KdError('NOT_FOUND', `fileSource: no file '${path}'`, { path }, { cause });
  });
  const { size } = await handle.stat();
  return {
    size,
    async read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(
          bytes,
          filled,
          Math.min(MAX_READ, bytes.length - filled),
          offset + filled,
        );
        if (bytesRead === 0) break; // it has become shorter
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
    close: () => handle.close(),
  };
}
