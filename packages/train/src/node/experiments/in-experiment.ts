import { lockFolder } from '../folder-lock.ts';

/**
 * Runs something that has a folder to itself and that Ctrl-C stops in an orderly way; a second Ctrl-C ends the process as
 * ever.
 *
 * @throws {KdError} UNAVAILABLE if another process is at work in the folder
 */
export async function inExperiment<T>(
  caller: string,
  { outputDir, signal }: { outputDir: string; signal?: AbortSignal },
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const unlock = lockFolder(outputDir, caller);
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  process.once('SIGINT', abort).once('SIGTERM', abort);
  try {
    return await run(stop.signal);
  } finally {
    signal?.removeEventListener('abort', abort);
    process.off('SIGINT', abort).off('SIGTERM', abort);
    unlock();
  }
}
