export { describeMachine, type Machine } from './machine.ts';
export { median } from './median.ts';
export { formatTable } from './table.ts';
