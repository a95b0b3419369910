import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Why tests are skipped where there is none. */
export const NO_CHROMIUM = 'there is no Chromium at CHROMIUM_PATH or on the PATH';

/** Ubuntu's command only says that it would like to be a snap. */
function answers(/** @type {string} */ path) {
  return spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/**
 * The browser of this machine that tests run in; nothing is ever downloaded for them.
 *
 * @param {Readonly<Record<string, string | undefined>>} [env]
 * @returns {string | undefined} CHROMIUM_PATH, else the first on the PATH
 */
export function findChromium(env = process.env) {
  if (env.CHROMIUM_PATH) return existsSync(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined;
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter(Boolean);
  const candidates = COMMANDS.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find((path) => existsSync(path) && answers(path));
}
