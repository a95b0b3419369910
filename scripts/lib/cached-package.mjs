import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { npmCommand } from './npm.mjs';
import { run } from './run.mjs';

/**
 * A package of npm in the user's cache, outside of the workspace; no script of it runs.
 *
 * @param {string} name
 * @param {string} version such as `22` (the newest there is when it is installed) or `22.12.0`
 * @param {string} place folder in the cache, of this version alone
 * @returns {Promise<string>} the package's folder
 */
export async function cachedPackage(name, version, place) {
  const cache = process.env.KD_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kd');
  const folder = join(cache, place);
  const found = join(folder, 'node_modules', name);
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return found; // npm writes it last
  console.log(`Installing ${name} ${version} in ${folder}, once.`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n'); // or npm looks for one further up
  const [command, ...npm] = npmCommand();
  const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`];
  const { code, output } = await run(command, [...npm, ...install], { cwd: folder, capture: true });
  if (code !== 0) throw new Error(`cachedPackage: npm could not install ${name}@${version}:\n${output}`);
  return found;
}
