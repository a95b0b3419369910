export { busyTime } from './busy-time.ts';
export { givenPath } from './given-path.ts';
export { describeMachine, type Machine } from './machine.ts';
export { median } from './median.ts';
export { type Runner, startRunner } from './runner.ts';
export { formatTable } from './table.ts';
