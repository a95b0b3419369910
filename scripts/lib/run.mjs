import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { root } from './root.mjs';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * The environment of every child: the workspace's own tools come first, and none of them reports home.
 *
 * @param {string[]} folders with programs that come before even these
 */
export function childEnv(...folders) {
  // Windows calls it Path, and a second spelling beside the first would make the result depend on their order.
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return {
    ...process.env,
    [pathName]: [...folders, join(root, 'node_modules', '.bin'), process.env[pathName]].filter(Boolean).join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
  };
}

/**
 * Runs a program to its end. Signals never end this process before its child, so that the child can
 * still save its work and its exit code is the one that counts.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, capture?: boolean }} [options] capture: collect the output instead of showing it
 * @returns {Promise<{ code: number, output: string, interrupted: boolean }>}
 */
export function run(command, args, { cwd = root, env = childEnv(), capture = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    let output = '';
    let interrupted = false;
    child.stdout?.on('data', (text) => {
      output += text;
    });
    child.stderr?.on('data', (text) => {
      output += text;
    });

    // A terminal sends Ctrl-C to the whole group, so the child has it already: once more would look like
    // the impatient second Ctrl-C. Without a terminal the signal came to this process alone.
    const inTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    /** @param {NodeJS.Signals} signal */
    const onSignal = (signal) => {
      interrupted = true;
      if (signal !== 'SIGINT' || !inTerminal) child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
    const release = () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    };

    child.on('error', (error) => {
      release();
      reject(error);
    });
    child.on('close', (code, signal) => {
      release();
      resolve({ code: code ?? 128 + constants.signals[signal ?? 'SIGTERM'], output, interrupted });
    });
  });
}
