import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { busyTime } from '@kd-bench/common';
import { type ColumnName, commandOf, type TurnOptions } from './columns.ts';
import type { Turn } from './turn.ts';

export interface WatchedTurn extends Turn {
  /** Cores that other processes took meanwhile. */
  others: number;
}

/** Cores that others may take while a turn is measured. */
export const QUIET = 0.12;

/** Runs one turn in a process of its own. @throws with what the process said last, if it fails */
export async function takeTurn(name: ColumnName, options: TurnOptions): Promise<WatchedTurn> {
  const [command, args] = commandOf(name, options);
  const [busy, start] = [busyTime(), performance.now()];
  const env = { ...process.env, KD_BENCH_STARTED: String(Date.now() / 1000) };
  const { stdout } = await promisify(execFile)(command, args, { env, maxBuffer: 2 ** 26 }).catch((error) => {
    throw new Error(lastError(error.stderr ?? '') ?? error.message);
  });
  const turn = JSON.parse(stdout.trim().split('\n').at(-1)!) as Turn;
  const others = Math.max(0, (busyTime() - busy) / 1000 - turn.cpu) / ((performance.now() - start) / 1000);
  return { ...turn, others };
}

const lastError = (text: string): string | undefined =>
  text
    .split('\n')
    .filter((line) => /^\s*\w*Error\b/.test(line))
    .at(-1)
    ?.trim();
