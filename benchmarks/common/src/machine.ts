import { availableParallelism, cpus, loadavg } from 'node:os';

/** What the numbers were measured on. */
export interface Machine {
  cpu: string;
  cores: number;
  node: string;
  /** Processes that wanted to run in the last minute, on average. This benchmark is one of them. */
  load: number;
}

export function describeMachine(): Machine {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown';
  return { cpu, cores: availableParallelism(), node: process.versions.node, load: loadavg()[0]! };
}
