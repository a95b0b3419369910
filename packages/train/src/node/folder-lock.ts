import { mkdirSync, readFileSync, realpathSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { KdError } from '@kd/core';

const FILE = '.lock';

interface Holder {
  pid: number;
  host: string;
  /** When the process was started, in its system's ticks; where that cannot be asked, null. */
  started: string | null;
  /** ISO 8601. */
  since: string;
}

/** Folders that this process has locked. */
const held = new Set<string>();

/**
 * Takes a folder for this process alone, so that two runs do not write over each other. Synchronous, which keeps the moment
 * short in which another process could come between.
 *
 * A process that was killed leaves its lock behind; it counts for nothing once no process of its number, started when that
 * one was, runs on this machine. A lock from another machine counts for nothing either: nobody here can tell whether its
 * process still runs, and a run that is moved to another machine has to go on.
 *
 * @param caller for the messages
 * @returns gives it back
 * @throws {KdError} UNAVAILABLE if another run has it; ACCESS_DENIED if the folder cannot be written to
 */
export function lockFolder(folder: string, caller = 'checkpointFolder'): () => void {
  const file = join(folder, FILE);
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid),
    since: new Date().toISOString(),
  };
  let place: string;
  let made: string | undefined;
  try {
    made = mkdirSync(folder, { recursive: true });
    place = realpathSync(folder);
    const holder = read(file);
    if (held.has(place) || (holder && isAnotherRun(holder, own))) throw taken(caller, folder, holder ?? own);
    rmSync(file, { force: true });
    writeFileSync(file, `${JSON.stringify(own)}\n`, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (KdError.isInstance(error)) throw error;
    if (code === 'EEXIST') throw taken(caller, folder, read(file) ?? own); // another one has come between
    throw new KdError(
      'ACCESS_DENIED',
      `${caller}: '${folder}' cannot be written to (${message}); make it writable, or choose another folder`,
      { folder },
      { cause: error },
    );
  }
  held.add(place);
  return () => {
    if (!held.delete(place)) return;
    rmSync(file, { force: true });
    if (made !== undefined) removeIfEmpty(place);
  };
}

/** A run that was refused before it wrote anything leaves no folder. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It has content, which is why it was made.
  }
}

function taken(caller: string, folder: string, { pid, since }: Holder): KdError {
  return new KdError(
    'UNAVAILABLE',
    `${caller}: process ${pid} has been writing to '${folder}' since ${since}; wait for it, or give this run a ` +
      `folder of its own (if that is no run, delete ${FILE} in it)`,
    { folder, pid, since },
  );
}

/** Undefined if there is no lock, or one that was killed while it was being written. */
function read(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** One of our own number is a lock of a process before us, in a container that was started anew: `held` knows ours. */
function isAnotherRun({ pid, host, started }: Holder, own: Holder): boolean {
  if (host !== own.host || pid === own.pid || !isRunning(pid)) return false;
  const now = startOf(pid);
  return started === null || now === null || now === started;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's, but there
  }
}

/** Of Linux' /proc; numbers of processes are given out again. */
function startOf(pid: number): string | null {
  try {
    // The name, in parentheses, may have spaces and parentheses itself.
    return (
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? null
    );
  } catch {
    return null;
  }
}
