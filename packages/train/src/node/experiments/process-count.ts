import { availableParallelism, freemem } from 'node:os';
import type { Cell } from '../../experiments/arm.ts';

/** What is left for others, and for runs that take more than those that were measured. */
const SHARE_OF_MEMORY = 0.8;

export interface Machine {
  cores: number;
  /** Bytes that are free now. */
  memory: number;
}

/** This machine, or the part of it that a container has. */
export function thisMachine(): Machine {
  return { cores: availableParallelism(), memory: process.availableMemory?.() ?? freemem() };
}

/**
 * How many runs fit beside each other, by the memory and the cores that the hungriest of those so far took.
 *
 * @param running how many are under way: their memory is taken already
 */
export function processCount(
  measured: readonly Pick<Cell, 'peakMemory' | 'cores'>[],
  { cores, memory }: Machine,
  running = 0,
): number {
  if (measured.length === 0) return 1;
  const peak = Math.max(...measured.map(({ peakMemory }) => peakMemory));
  const busy = Math.max(...measured.map((cell) => cell.cores));
  const byMemory = running + Math.floor((SHARE_OF_MEMORY * memory) / peak);
  // A run that keeps 1.2 of 2 cores busy is one thread and its helpers: two of them fit.
  const byCores = Math.round(cores / Math.max(busy, 0.5));
  return Math.max(1, Math.min(byMemory, byCores));
}
