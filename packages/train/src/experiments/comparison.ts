import { formatSeconds } from '../report/format.ts';
import type { Cell } from './arm.ts';
import { type ArmRow, compareArms } from './compare-arms.ts';
import { formatP, formatter, type Metric } from './metric.ts';
import { formatDetectable, formatDifference, tellMethod, tellPair } from './tell.ts';
import { csvTable, markdownTable } from './text-table.ts';

/** A run that gave nothing. */
export interface CellFailure {
  arm: string;
  seed: number;
  /** What was thrown, or how its process ended and what it last wrote to stderr. */
  reason: string;
}

export interface Comparison {
  metric: string;
  mode: 'max' | 'min';
  baseline: string;
  rows: (ArmRow & { command: string })[];
  /** What may be said, one sentence an arm. */
  sentences: string[];
  /** Runs that failed; the table is without them. A second call tries them again. */
  failures: CellFailure[];
  /** The table, the sentences, and how it was made. */
  markdown: string;
}

/** Makes the table of finished runs. */
export function makeComparison(
  arms: readonly { name: string; command: string }[],
  cells: readonly Cell[],
  failures: readonly CellFailure[],
  { baseline, metric }: { baseline: string; metric: Metric },
): Comparison {
  const names = arms.map(({ name }) => name);
  const rows = compareArms('compare', names, cells, { baseline, metric }).map((row, i) => ({
    ...row,
    command: arms[i]!.command.replaceAll('{seed}', row.seeds.join(',')),
  }));
  const sentences = rows.filter(({ arm }) => arm !== baseline).map((row) => tellPair(row, baseline, metric));
  return {
    metric: metric.name,
    mode: metric.mode,
    baseline,
    rows,
    sentences,
    failures: [...failures],
    markdown: markdownOf(rows, sentences, failures, baseline, metric),
  };
}

/** `92.61% [91.80, 93.42]`; the unit once. */
export function formatMean({ mean, low, high }: Pick<ArmRow, 'mean' | 'low' | 'high'>, metric: Metric): string {
  if (Number.isNaN(mean)) return '–';
  const { value } = formatter(metric);
  const bare = (of: number): string => value(of).replace('%', '');
  return `${value(mean)}${Number.isNaN(low) ? '' : ` [${bare(low)}, ${bare(high)}]`}`;
}

function markdownOf(
  rows: Comparison['rows'],
  sentences: readonly string[],
  failures: readonly CellFailure[],
  baseline: string,
  metric: Metric,
): string {
  const tests = rows.flatMap(({ test }) => (test ? [test] : []));
  const header = ['arm', 'runs', metric.name, `against ${baseline}`, 'p', 'detectable', 'time a run', 'command'];
  const table = markdownTable(
    header,
    rows.map(({ test, ...row }) => [
      row.arm,
      String(row.seeds.length),
      formatMean(row, metric),
      test ? formatDifference(test, metric) : '–',
      test && !Number.isNaN(test.adjustedPValue) ? formatP(test.adjustedPValue).replace(/^p (= )?/, '') : '–',
      test ? formatDetectable(test, metric) : '–',
      formatSeconds(row.seconds),
      `\`${row.command}\``,
    ]),
  );
  const correction = `p is corrected for ${tests.length} comparisons with ${baseline} by Holm's method.`;
  const list = (title: string, lines: readonly string[]): string[] =>
    lines.length > 0 ? [title, lines.map((line) => `- ${line}`).join('\n')] : [];
  return `${[
    table,
    ...list('What it says:', sentences),
    ...list(
      `Without ${failures.length} of the runs, which failed; if harder seeds fail more often, the means flatter:`,
      failures.map(({ arm, seed, reason }) => `${arm}, seed ${seed}: ${reason.split('\n')[0]}`),
    ),
    ...list('How:', tellMethod(tests, correction)),
  ].join('\n\n')}\n`;
}

/** The rows for programs, numbers in full. */
export function comparisonCsv({ rows }: Comparison): string {
  const header = [
    'arm',
    'runs',
    'mean',
    'low',
    'high',
    'interval_over',
    'difference',
    'difference_low',
    'difference_high',
    'test_over',
    'images',
    'p_value',
    'p_value_holm',
    'detectable',
    'verdict',
    'seconds',
    'command',
  ];
  return csvTable(
    header,
    rows.map(({ test, ...row }) => [
      row.arm,
      row.seeds.length,
      row.mean,
      row.low,
      row.high,
      row.intervalOver,
      test?.difference ?? '',
      test?.low ?? '',
      test?.high ?? '',
      test?.over ?? '',
      test?.images ?? '',
      test?.pValue ?? '',
      test?.adjustedPValue ?? '',
      test?.detectable ?? '',
      test?.verdict ?? '',
      row.seconds,
      row.command,
    ]),
  );
}

/** Every run with every figure it gave. */
export function cellsCsv(cells: readonly Cell[]): string {
  const names = [...new Set(cells.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  return csvTable(
    ['arm', 'seed', ...names, 'seconds', 'peak_memory'],
    cells.map((cell) => [
      cell.arm,
      cell.seed,
      ...names.map((name) => cell.metrics[name] ?? ''),
      cell.seconds,
      cell.peakMemory,
    ]),
  );
}
