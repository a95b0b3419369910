import { setTimeout } from 'node:timers/promises';
import { busyTime, type Runner } from '@kd-bench/common';
import type { Turn } from './turns.ts';

/** Cores that others may take while an engine has its turn: one core taken makes a step two or three times slower. */
const QUIET = 0.12;
/** How often a turn is repeated until the machine is quiet. */
const ATTEMPTS = 4;

export interface WatchedTurn extends Turn {
  /** Cores that other processes took meanwhile. */
  foreign: number;
  /** Turns that were thrown away for that reason. */
  discarded: number;
}

/** A turn that nobody disturbed; if there is always somebody, the one that was disturbed least. */
export async function takeTurn(runner: Runner<Turn>, steps: number): Promise<WatchedTurn> {
  let best: WatchedTurn | undefined;
  for (let attempt = 0; attempt < ATTEMPTS && !(best && best.foreign <= QUIET); attempt++) {
    if (attempt > 0) await setTimeout(500);
    const [busy, start] = [busyTime(), performance.now()];
    const turn = await runner.ask(steps);
    const foreign = Math.max(0, busyTime() - busy - turn.cpuMs) / (performance.now() - start);
    if (!best || foreign < best.foreign) best = { ...turn, foreign, discarded: 0 };
    best.discarded = attempt;
  }
  return best!;
}
