import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { sha256 } from './manifest.ts';

const host = (): string => sha256(hostname()).slice(0, 8);

/** Of all that a build writes beside its cache: the cache, the machine and the process, which `removeAbandoned` looks for. */
const BUILD = /^\.+[0-9a-f]{32}\.([0-9a-f]{8})-(\d+)\./;

/** Where a cache is put together, hidden beside its place. */
export function buildFolder(path: string): string {
  return join(dirname(path), `.${basename(path)}.${host()}-${process.pid}.${randomUUID()}`);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it is another user's
  }
}

/** Removes what builds on this machine have left that were killed; those under way, and another machine's, stay. */
export async function removeAbandoned(cacheDir: string): Promise<void> {
  const names = await readdir(cacheDir).catch(() => []); // not there yet
  for (const name of names) {
    const [, machine, pid] = BUILD.exec(name) ?? [];
    if (machine !== host() || isRunning(Number(pid))) continue;
    await rm(join(cacheDir, name), { recursive: true, force: true });
  }
}
