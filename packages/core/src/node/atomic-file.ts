import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // a folder cannot be opened there; NTFS journals the rename itself
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file's content; one in pieces is never in memory as a whole. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

async function writeSynced(path: string, content: FileContent): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await writeFile(handle, content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What `asideOf` makes of a name. */
const ASIDE = /^\.(.+)\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function asideOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}`);
}

/** What a write that was killed has left beside its target. */
export interface Leftover {
  /** Name of the file or folder that was to be written. */
  target: string;
  path: string;
  /** Since it was last written to, in seconds. */
  age: number;
}

/**
 * What killed writes of `writeFileAtomic` and `writeFolderAtomic` have left in a folder, and those that are under way: it
 * takes an age, or a lock, to tell them apart.
 *
 * @returns nothing for a folder that does not exist
 *
 * @example
 * import { listLeftovers } from '@kd/core/node';
 * console.log(await listLeftovers('runs/none-yet')); // []
 */
export async function listLeftovers(folder: string): Promise<Leftover[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found: Leftover[] = [];
  for (const name of names) {
    const target = ASIDE.exec(name)?.[1];
    if (target === undefined) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: undefined })); // its writer has just finished
    if (mtimeMs !== undefined) found.push({ target, path, age: (Date.now() - mtimeMs) / 1000 });
  }
  return found;
}

/**
 * Writes a file so that a crash leaves the old content or the new, never a part: written aside, synced, renamed.
 * Missing folders are made.
 *
 * @example
 * import { writeFileAtomic } from '@kd/core/node';
 * await writeFileAtomic('runs/a/config.json', '{}');
 */
export async function writeFileAtomic(path: string, content: FileContent): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = asideOf(path);
  try {
    await writeSynced(aside, content);
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * Writes a folder of files so that it appears whole or not at all. An older folder of that name is replaced.
 *
 * A rename cannot replace a folder that has content, so the old one is moved away first: a crash between
 * the two renames leaves it beside the new one, under a name that starts with a dot.
 *
 * @param files content by name
 *
 * @example
 * import { writeFolderAtomic } from '@kd/core/node';
 * await writeFolderAtomic('runs/a/student', { 'config.json': '{}', 'model.bin': new Uint8Array(4) });
 */
export async function writeFolderAtomic(path: string, files: Record<string, FileContent>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = asideOf(path);
  const old = asideOf(path);
  try {
    await mkdir(aside);
    for (const [name, content] of Object.entries(files)) {
      await writeSynced(join(aside, name), content);
    }
    await syncFolder(aside);
    await rename(path, old).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    try {
      await rename(aside, path);
    } catch (error) {
      await rename(old, path).catch(() => {}); // nothing to put back, or another writer was faster
      throw error;
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
  await syncFolder(dirname(path));
}
