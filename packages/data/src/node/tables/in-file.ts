import { KdError } from '@kd/core';

/**
 * Runs what reads a file. Whatever goes wrong in it is the file's fault, and is told with the file's name: decoders of a
 * damaged file fail in all kinds of ways.
 *
 * @param where what the error starts with: function, file, and what of it is read
 */
export async function inFile<T>(where: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { message } = cause as Error;
    const caller = where.slice(0, where.indexOf(':') + 1);
    if (KdError.isInstance(cause)) {
      if (message.startsWith(caller)) throw cause; // it has said so itself
      throw new KdError(cause.code, `${where}: ${message}`, { ...cause.details });
    }
    throw new KdError(
      'INVALID_DATA',
      `${where}: ${message}: the file is cut or damaged, fetch it again`,
      {},
      { cause },
    );
  }
}
