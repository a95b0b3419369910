import { type ChildProcess, fork } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KdError } from '@kd/core';
import type { Cell } from '../../experiments/arm.ts';
import { readCell } from './cell-folder.ts';
import type { ArmDescription, ArmModule, FromCell, ToCell } from './messages.ts';
import type { CellPlan } from './run-arm.ts';

const HERE: string | undefined = import.meta.url; // undefined in a CommonJS bundle

// Node runs no TypeScript: from source, as in the tests, the program is started through tsx.
const FROM_SOURCE = HERE?.endsWith('.ts') === true;
const PROGRAM =
  HERE && fileURLToPath(new URL(FROM_SOURCE ? '../../testing/cell-from-source.mjs' : './cell-program.js', HERE));

/** How long a run that was told to stop may take for its checkpoint. */
const GRACE = 30_000; // ms

const MAX_TAIL = 4000; // characters of stderr that are kept for the message

/** Sends a process one message and waits for its answer, or its end. */
async function ask(
  message: ToCell,
  { log, signal }: { log?: string; signal: AbortSignal },
): Promise<FromCell | { ended: string }> {
  if (!PROGRAM || !existsSync(PROGRAM)) {
    throw new KdError(
      'UNSUPPORTED',
      'compare: the program that runs an arm was left out of this bundle; keep @kd/train out of it, or pass functions in ' +
        'place of a URL',
    );
  }
  const child = fork(PROGRAM, [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(FROM_SOURCE ? { execArgv: ['--conditions=@kd/source'] } : {}),
  });
  const tail = keepOutput(child, log);
  // A process that has just crashed cannot be told anything; what it said itself is the message.
  const send = (value: ToCell): void => void (child.connected && child.send(value, () => {}));
  let overdue: NodeJS.Timeout | undefined;
  const abort = (): void => {
    send({ abort: true });
    overdue = setTimeout(() => child.kill('SIGKILL'), GRACE);
  };
  let answer: FromCell | undefined;
  child.on('message', (value: FromCell) => {
    answer = value;
  });
  child.on('spawn', () => send(message));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, name) => {
        const how = name ? `ended by ${name}` : `ended with exit code ${code}`;
        resolve(answer ?? { ended: [how, tail()].filter((text) => text !== '').join(': ') });
      });
    });
  } finally {
    clearTimeout(overdue);
    signal.removeEventListener('abort', abort);
  }
}

/** Writes what a process prints to a file. @returns the end of its stderr */
function keepOutput({ stdout, stderr }: ChildProcess, path: string | undefined): () => string {
  const file = path === undefined ? undefined : createWriteStream(path, { flags: 'a' });
  let tail = '';
  stdout!.on('data', (chunk: Buffer) => file?.write(chunk));
  stderr!.on('data', (chunk: Buffer) => {
    file?.write(chunk);
    tail = (tail + chunk.toString()).slice(-MAX_TAIL);
  });
  stderr!.on('close', () => file?.end());
  file?.on('error', () => {}); // a full disk: the run itself says so
  return () => tail.trim();
}

/** Has a process of its own read the arms of a module. */
export async function describeModule(
  caller: string,
  module: ArmModule,
  signal: AbortSignal,
): Promise<ArmDescription[]> {
  const answer = await ask({ describe: module }, { signal });
  if ('arms' in answer) return answer.arms;
  const why = 'failed' in answer ? answer.failed.message : 'ended' in answer ? answer.ended : '';
  throw new KdError('INVALID_DATA', `${caller}: the arms of '${module.href}' cannot be read: ${why}`, {
    module: module.href,
  });
}

/** Runs a cell in a process of its own: nothing of it is left behind in memory, and it can take no other down with it. */
export async function runInProcess(caller: string, of: ArmModule, plan: CellPlan, signal: AbortSignal): Promise<Cell> {
  const answer = await ask({ run: plan, of, caller }, { log: join(plan.folder, 'log.txt'), signal });
  if ('done' in answer) {
    const cell = await readCell(plan.folder);
    if (cell) return cell;
  }
  if ('failed' in answer) {
    throw new KdError(answer.failed.aborted ? 'ABORTED' : 'UNAVAILABLE', answer.failed.message);
  }
  throw new KdError(
    signal.aborted ? 'ABORTED' : 'UNAVAILABLE',
    'ended' in answer ? `its process ${answer.ended}` : `its files in '${plan.folder}' are gone`,
  );
}
