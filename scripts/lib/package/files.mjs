import { readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

/**
 * Files below a folder, with slashes on every system.
 *
 * @param {string} folder
 * @param {string} ending such as `.js`
 */
export function filesEnding(folder, ending) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && statSync(join(folder, name)).isFile())
    .map((name) => name.split(sep).join('/'))
    .sort();
}
