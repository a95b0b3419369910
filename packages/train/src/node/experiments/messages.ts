import type { Cell } from '../../experiments/arm.ts';
import type { CellPlan } from './run-arm.ts';

/** Which module says how to run, and by what name: `arms`, or the one function of a sweep. */
export interface ArmModule {
  href: string;
  exported: 'arms' | 'run';
}

export type ToCell = { describe: ArmModule } | { run: CellPlan; of: ArmModule; caller: string } | { abort: true };

/** An arm as the parent needs it: without its function. */
export interface ArmDescription {
  name: string;
  settings: Readonly<Record<string, unknown>>;
  command?: string;
}

export type FromCell =
  | { arms: ArmDescription[] }
  | { done: Pick<Cell, 'seconds' | 'peakMemory' | 'cores'> }
  | { failed: { message: string; aborted: boolean } };
