import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import { isHidden } from './walk-files.ts';

/** Folders beside those of the classes in which no image is, by their paths from the root. */
export async function emptyClasses(root: string, prefix: string, classes: readonly string[]): Promise<string[]> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !isHidden(entry.name) && !classes.includes(entry.name))
    .map(({ name }) => `${prefix}${name}`)
    .sort();
}

/** Left out unsaid, a class whose images are missing would give its label to the next one. */
export function refuseEmptyClasses(where: string, empty: readonly string[]): void {
  if (empty.length === 0) return;
  throw new KdError(
    'INVALID_DATA',
    `${where}: no image is in the ${empty.length === 1 ? 'folder' : 'folders'} [${empty.join(', ')}], beside folders of ` +
      'classes: fill or remove it, or pass { classNames } to say what the classes are',
    { empty },
  );
}
