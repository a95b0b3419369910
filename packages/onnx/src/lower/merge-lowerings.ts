import type { Lowering, LoweringTable } from './lowering.ts';

/** Several tables as one; where two know a kernel, the ways of the first come first. */
export function mergeLowerings(...tables: readonly LoweringTable[]): LoweringTable {
  const merged: Record<string, readonly Lowering[]> = {};
  for (const table of tables) {
    for (const [kernel, ways] of Object.entries(table)) merged[kernel] = [...(merged[kernel] ?? []), ...ways];
  }
  return merged;
}
