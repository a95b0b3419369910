import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bin } from './bin.mjs';
import { withLock } from './lock.mjs';
import { npmCommand } from './npm.mjs';
import { root } from './root.mjs';
import { run } from './run.mjs';
import { isInstalled, removeStamp, writeStamp } from './stamp.mjs';

const INSTALL = [
  'install',
  '--frozen-lockfile',
  '--prefer-offline',
  '--prod=false', // NODE_ENV=production must not leave the tools out
  '--config.confirm-modules-purge=false', // node_modules of another tool is replaced, not asked about
  '--reporter=append-only',
];

/** The exact pnpm of the root's `packageManager` field. */
function wantedPnpm() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager.replace('pnpm@', '');
}

/** Command of the pnpm in node_modules, if it is there, whole and of the right version. */
function localPnpm(/** @type {string} */ version) {
  if (!existsSync(join(root, 'node_modules', 'pnpm', 'package.json'))) return undefined;
  const path = bin('pnpm');
  const { stdout } = spawnSync(process.execPath, [path, '--version'], { cwd: root, encoding: 'utf8' });
  return stdout?.trim() === version ? [process.execPath, path] : undefined;
}

async function install() {
  const version = wantedPnpm();
  const local = localPnpm(version);
  const throughNpm = [...npmCommand(), 'exec', '--yes', `--package=pnpm@${version}`, '--', 'pnpm'];
  const start = (/** @type {string[]} */ [command = '', ...args]) => run(command, [...args, ...INSTALL]);

  console.log('Installing (about a minute the first time) …');
  removeStamp();
  let result = await start(local ?? throughNpm);
  // Where the user's store has moved, pnpm starts node_modules anew: without itself, if it came from there.
  if (result.code !== 0 && !result.interrupted && local && !localPnpm(version)) result = await start(throughNpm);
  if (result.interrupted) return result.code || 130;
  if (result.code === 0) writeStamp();
  else {
    console.error(
      'The install failed; see above. The first one needs the network. ' +
        `If you changed a package.json, update the lockfile: npx --yes pnpm@${version} install`,
    );
  }
  return result.code;
}

/**
 * Installs what the lockfile names, unless that is what is there: then it does nothing and starts nothing.
 *
 * @returns {Promise<number>} exit code; 0 when everything is in place
 */
export async function ensureInstalled() {
  if (isInstalled()) return 0;
  const lock = join(root, 'node_modules', '.kd-install.lock');
  return withLock(
    lock,
    async () => (isInstalled() ? 0 : install()),
    () => console.log('Another install is running here; waiting for it …'),
  );
}
