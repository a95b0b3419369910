import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import { byCodePoint } from '../../formats/order.ts';

/** Left out, as Python's `datasets` does: `.git`, `.DS_Store`, `__MACOSX`, `__pycache__`. */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || name.startsWith('__');
}

/**
 * All files in a folder and the folders in it, by relative path with `/`: folder by folder, each in the order of its
 * names' code points, as Python's `sorted(os.walk(folder))` gives them.
 *
 * Links are followed. One that leads back to a folder it is in is passed over; a folder that is there twice is refused,
 * since all its images would be there twice.
 */
export async function walkFiles(caller: string, root: string): Promise<string[]> {
  const seen = new Map<string, string>();
  const files = new Map<string, string[]>();

  async function visit(folder: string, above: readonly string[]): Promise<void> {
    const place = join(root, folder);
    let entries: Dirent[];
    let real: string;
    try {
      real = await realpath(place);
      if (above.includes(real)) return;
      entries = await readdir(place, { withFileTypes: true });
    } catch (cause) {
      const message = `${caller}: cannot read ${place}: ${(cause as Error).message}`;
      throw new KdError('NOT_FOUND', message, { folder: place }, { cause });
    }
    const before = seen.get(real);
    if (before !== undefined) {
      const message = `${caller}: ${join(root, before)} and ${place} are the same folder; remove one of the links`;
      throw new KdError('INVALID_DATA', message, { folders: [before, folder] });
    }
    seen.set(real, folder);
    const names: string[] = [];
    for (const entry of entries) {
      if (isHidden(entry.name)) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      // What a link leads to; one that leads nowhere is a file that cannot be read, which is told when it is.
      const isFolder = entry.isSymbolicLink()
        ? await stat(join(root, path)).then(
            (found) => found.isDirectory(),
            () => false,
          )
        : entry.isDirectory();
      if (isFolder) await visit(path, [...above, real]);
      else if (entry.isFile() || entry.isSymbolicLink()) names.push(path);
    }
    files.set(folder, names.sort(byCodePoint));
  }

  await visit('', []);
  return [...files.keys()].sort(byCodePoint).flatMap((folder) => files.get(folder)!);
}
