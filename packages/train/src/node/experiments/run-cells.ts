import { KdError } from '@kd/core';
import type { Cell } from '../../experiments/arm.ts';
import type { CellFailure } from '../../experiments/comparison.ts';
import { openCell } from './cell-folder.ts';
import { processCount, thisMachine } from './process-count.ts';
import type { CellPlan } from './run-arm.ts';

/** What happens to one run, and where the whole experiment is. */
export interface CellEvent {
  /** `found`: finished by an earlier call. */
  type: 'found' | 'started' | 'finished' | 'failed';
  arm: string;
  seed: number;
  /** Runs that are finished, have failed or were found, this one included. */
  done: number;
  total: number;
  /** How many runs are under way. */
  running: number;
  /** Of a run that is finished or found. */
  metrics?: Readonly<Record<string, number>>;
  /** Why a run failed. */
  reason?: string;
  /** Until all are done, by those so far; absent before the first. */
  secondsLeft?: number;
}

export interface ExperimentOptions {
  /** Where everything goes: `<arm>/seed-<n>/` for each run, and the tables. */
  outputDir: string;
  /**
   * How many runs at a time, each in a process of its own. 'auto': as many as cores and memory allow, by what the first run
   * took. A GPU's memory is not measured: say 1 there. @default 'auto'
   */
  processes?: number | 'auto';
  /** What to do with runs that were made with other settings: refuse to go on, or throw them away. @default 'refuse' */
  ifChanged?: 'refuse' | 'run-again';
  /** Told when runs start and end. */
  onProgress?: (event: CellEvent) => void;
  /** Stops the experiment: what is done is kept, runs under way are told to write a checkpoint and end. So does Ctrl-C. */
  signal?: AbortSignal;
}

export interface RunCellsOptions extends Pick<ExperimentOptions, 'ifChanged' | 'onProgress'> {
  caller: string;
  /** As many as may run side by side; 'auto' measures. */
  processes: number | 'auto';
  start: (plan: CellPlan, signal: AbortSignal) => Promise<Cell>;
  signal: AbortSignal;
}

/**
 * Does all runs that are not done yet, some at a time. One that fails takes no other with it.
 *
 * @throws {KdError} ABORTED if it was stopped; MISMATCH if a run was made with other settings
 */
export async function runCells(
  plans: readonly CellPlan[],
  { caller, processes, start, signal, ifChanged = 'refuse', onProgress }: RunCellsOptions,
): Promise<{ cells: Cell[]; failures: CellFailure[] }> {
  const own = new AbortController();
  const stopping = AbortSignal.any([signal, own.signal]);
  const cells = new Map<CellPlan, Cell>();
  const failures: CellFailure[] = [];
  const running = new Set<Promise<void>>();
  const took: number[] = []; // seconds of the runs of this call
  let most = typeof processes === 'number' ? processes : 1;
  let done = 0;
  const tell = (type: CellEvent['type'], { arm, seed }: CellPlan, more: Pick<CellEvent, 'metrics' | 'reason'> = {}) => {
    const left = (took.reduce((sum, s) => sum + s, 0) / took.length) * ((plans.length - done) / most);
    onProgress?.({
      type,
      arm,
      seed,
      done,
      total: plans.length,
      running: running.size,
      ...more,
      ...(took.length > 0 ? { secondsLeft: left } : {}),
    });
  };
  const waiting: CellPlan[] = [];
  for (const plan of plans) {
    const found = await openCell(caller, plan.folder, plan.settings, ifChanged);
    if (!found) {
      waiting.push(plan);
      continue;
    }
    cells.set(plan, found);
    done += 1;
    tell('found', plan, { metrics: found.metrics });
  }
  const measure = (): void => {
    if (processes === 'auto') most = processCount([...cells.values()], thisMachine(), running.size);
  };
  measure();
  try {
    while ((waiting.length > 0 && !stopping.aborted) || running.size > 0) {
      while (waiting.length > 0 && running.size < most && !stopping.aborted) {
        const plan = waiting.shift()!;
        const run = runOne(plan).finally(() => running.delete(run));
        running.add(run);
        tell('started', plan);
      }
      await Promise.race(running);
      measure();
    }
  } catch (error) {
    // `onProgress` threw: nobody would hear of the runs that are under way.
    own.abort(error);
    await Promise.allSettled(running);
    throw error;
  }
  if (done < plans.length) {
    throw new KdError(
      'ABORTED',
      `${caller}: stopped with ${cells.size} of ${plans.length} runs done, which are kept; call it again to go on`,
      { done: cells.size, total: plans.length },
    );
  }
  return { cells: plans.flatMap((plan) => cells.get(plan) ?? []), failures };

  async function runOne(plan: CellPlan): Promise<void> {
    const begin = performance.now();
    const outcome = await start(plan, stopping).catch((error: unknown) => ({
      reason: error instanceof Error ? error.message : String(error),
    }));
    if ('reason' in outcome && stopping.aborted) return;
    done += 1;
    if ('reason' in outcome) {
      failures.push({ arm: plan.arm, seed: plan.seed, reason: outcome.reason });
      tell('failed', plan, outcome);
      return;
    }
    took.push((performance.now() - begin) / 1000);
    cells.set(plan, outcome);
    tell('finished', plan, { metrics: outcome.metrics });
  }
}
