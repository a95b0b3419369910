import { existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';

const CLI = 'npm-cli.js';

/** npm's JavaScript file, as its installers lay it out beside the commands in `folder`. */
function cliNear(/** @type {string} */ folder) {
  const candidates = [
    join(folder, 'node_modules', 'npm', 'bin', CLI), // Windows
    join(folder, '..', 'lib', 'node_modules', 'npm', 'bin', CLI),
  ];
  const npm = join(folder, 'npm');
  if (existsSync(npm)) candidates.push(realpathSync(npm)); // usually a link to the file itself
  return candidates.find((path) => basename(path) === CLI && existsSync(path));
}

/**
 * Command and first arguments that start npm without a shell.
 *
 * `npm_execpath` is set by whoever runs the script: npm, but also pnpm or yarn, which are not wanted here.
 *
 * @returns {[string, ...string[]]}
 */
export function npmCommand(env = process.env) {
  const own = env.npm_execpath;
  if (own && basename(own) === CLI && existsSync(own)) return [process.execPath, own];
  const path = env.PATH ?? env.Path ?? '';
  for (const folder of [dirname(process.execPath), ...path.split(delimiter)]) {
    const cli = folder && cliNear(folder);
    if (cli) return [process.execPath, cli];
  }
  return ['npm'];
}
