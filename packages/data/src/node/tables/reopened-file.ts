import { open, stat } from 'node:fs/promises';
import { type ByteSource, KdError } from '@kd/core';

/** A file that is opened for each read: sets of thousands of files keep none open, and nobody has to close them. */
export interface ReopenedFile extends ByteSource {
  readonly path: string;
  /** Many reads at one opening. */
  session<T>(work: (read: ByteSource['read']) => Promise<T>): Promise<T>;
}

/**
 * @throws {KdError} NOT_FOUND if it cannot be opened; INVALID_DATA from `read` if it has become shorter or another one
 */
export async function reopenedFile(caller: string, path: string): Promise<ReopenedFile> {
  const found = await stat(path).catch((cause: Error) => {
    throw new KdError('NOT_FOUND', `${caller}: cannot read ${path}: ${cause.message}`, { path }, { cause });
  });
  if (!found.isFile()) throw new KdError('INVALID_ARGUMENT', `${caller}: ${path} is not a file`, { path });
  const { size, mtimeMs } = found;
  const fail = (cause: Error): never => {
    throw new KdError('NOT_FOUND', `${caller}: cannot read ${path}: ${cause.message}`, { path }, { cause });
  };
  async function session<T>(work: (read: ByteSource['read']) => Promise<T>): Promise<T> {
    const handle = await open(path, 'r').catch(fail);
    try {
      const now = await handle.stat();
      if (now.size !== size || now.mtimeMs !== mtimeMs) {
        const message = `${caller}: ${path} has changed since it was opened: open it again`;
        throw new KdError('INVALID_DATA', message, { path });
      }
      return await work(async (offset, length) => {
        const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
        for (let filled = 0; filled < bytes.length; ) {
          const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, offset + filled);
          if (bytesRead === 0)
            throw new KdError('INVALID_DATA', `${caller}: ${path} has become shorter: open it again`);
          filled += bytesRead;
        }
        return bytes;
      });
    } finally {
      await handle.close();
    }
  }
  return { path, size, session, read: (offset, length) => session((read) => read(offset, length)) };
}
