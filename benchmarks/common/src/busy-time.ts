import { cpus } from 'node:os';

/** Milliseconds that all cores together have worked since the machine started, in steps of 10. */
export function busyTime(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
