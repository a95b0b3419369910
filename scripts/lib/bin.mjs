import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/**
 * The JavaScript file behind a tool's command: run by `node`, it needs no shell on any system.
 *
 * @param {string} name package in the root's node_modules
 * @param {string} [command] where it differs from the package's name
 */
export function bin(name, command = name.replace(/^.*\//, '')) {
  const folder = join(root, 'node_modules', name);
  const entry = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).bin;
  return join(folder, typeof entry === 'string' ? entry : entry[command]);
}
