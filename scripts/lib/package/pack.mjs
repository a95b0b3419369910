import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bin } from '../bin.mjs';

/**
 * A package as it would be published.
 *
 * @typedef {{ tarball: string, content: string }} Packed content: the folder with what is in the tarball
 */

/**
 * Packs a package that has been built: ranges of the workspace become versions.
 *
 * @param {string} source its folder
 * @param {string} into made here; nothing else may be in it
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Packed}
 */
export function pack(source, into, env = process.env) {
  mkdirSync(into, { recursive: true });
  const options = /** @type {const} */ ({ env, stdio: 'pipe', encoding: 'utf8' });
  execFileSync(process.execPath, [bin('pnpm'), 'pack', '--pack-destination', into], { ...options, cwd: source });
  const [file = ''] = readdirSync(into);
  execFileSync('tar', ['-xzf', file], { ...options, cwd: into });
  return { tarball: join(into, file), content: join(into, 'package') };
}
