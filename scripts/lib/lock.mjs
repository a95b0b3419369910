import { closeSync, mkdirSync, openSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT = 1_000;
const STALE = 15_000; // a live holder beats every second; one that was killed does not

function tryCreate(/** @type {string} */ path) {
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

function age(/** @type {string} */ path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0; // gone in the meantime
  }
}

/**
 * Does work that only one process may do at a time. The others wait.
 *
 * A lock whose holder was killed is taken over when it has gone quiet. Should two take it over in the same
 * instant, pnpm installs twice: slow, but harmless.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {() => void} onWait called once if another process is at it
 * @returns {Promise<T>}
 */
export async function withLock(path, work, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  let waiting = false;
  while (!tryCreate(path)) {
    if (age(path) > STALE) {
      rmSync(path, { force: true });
      continue;
    }
    if (!waiting) onWait();
    waiting = true;
    await sleep(200);
  }
  const beat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // The folder was deleted under us; the work itself will say so.
    }
  }, BEAT);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(path, { force: true });
  }
}
