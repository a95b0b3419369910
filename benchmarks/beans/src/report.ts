import { formatTable } from '@kd-bench/common';
import { COLUMN_NAMES, COLUMNS, type ColumnName } from './columns.ts';
import { type Estimate, estimate } from './estimate.ts';
import type { WatchedTurn } from './take-turn.ts';
import { RECIPE } from './turn.ts';

const seconds = (value: number): string => (value === 0 ? '-' : value.toFixed(value < 10 ? 2 : 1));

function duration(value: number): string {
  const minutes = Math.round(value / 60);
  return minutes < 60 ? `${(value / 60).toFixed(1)} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What counts where something else always runs: it only ever adds to a time. */
const quickest = (values: readonly number[]): number => Math.min(...values);

const ratio = (column: Estimate, ours: Estimate | undefined): string =>
  ours ? (column.total / ours.total).toFixed(2) : '';

const ROWS: readonly [title: string, cell: (column: Estimate) => string][] = [
  ['once: start', ({ once }) => seconds(once.start)],
  ['  images prepared', ({ once }) => seconds(once.prepared)],
  ['  teacher asked', ({ once }) => seconds(once.labelled)],
  ['  rest', ({ once }) => seconds(once.rest)],
  ['an epoch: teacher', ({ epoch }) => seconds(epoch.teacher)],
  ['  data', ({ epoch }) => seconds(epoch.data)],
  ['  student step', ({ epoch }) => seconds(epoch.step)],
  ['  evaluation', ({ epoch }) => seconds(epoch.evaluation)],
  ['  checkpoint', ({ epoch }) => seconds(epoch.save)],
  ['  together', ({ perEpoch }) => seconds(perEpoch)],
];

const ABOUT: typeof ROWS = [
  ['peak MB', ({ megabytes }) => megabytes.toFixed(0)],
  ['turns', ({ turns }) => String(turns)],
  ['discarded', ({ discarded }) => String(discarded)],
  ['others', ({ others }) => others.toFixed(2)],
];

/** A table with a column for each way that was measured, in seconds of the whole recipe. */
export function formatResults(turns: Readonly<Partial<Record<ColumnName, readonly WatchedTurn[]>>>): string {
  const names = COLUMN_NAMES.filter((name) => (turns[name]?.length ?? 0) > 0);
  const estimates = names.map((name) => estimate(name, turns[name]!));
  const quick = names.map((name) => estimate(name, turns[name]!, quickest));
  const totals = (title: string, columns: readonly Estimate[]): string[][] => [
    [title, ...columns.map(({ total }) => duration(total))],
    ['  x kd', ...columns.map((column) => ratio(column, columns[names.indexOf('kd')]))],
  ];
  const lines = (rows: typeof ROWS): string[][] =>
    rows.map(([title, cell]) => [title, ...estimates.map((column) => cell(column))]);
  const rows = [
    ...lines(ROWS),
    ...totals(`${RECIPE.epochs} epochs`, estimates),
    ...totals('  at the quickest', quick),
    ...lines(ABOUT),
  ];
  return [formatTable(['seconds', ...names], rows), ...names.map((name) => `${name}: ${COLUMNS[name].about}`)].join(
    '\n',
  );
}
