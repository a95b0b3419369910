import { meanAndInterval } from '@kd/metrics';
import type { Cell } from './arm.ts';
import { type ArmRow, type ArmTest, summaryOf, testAll } from './compare-arms.ts';
import { type CellFailure, formatMean } from './comparison.ts';
import { type Grid, type GridPoint, gridPoints, pointName } from './grid.ts';
import { checkSameSamples, formatP, isPerImage, type Metric, scoredRuns } from './metric.ts';
import { testPair } from './pair-test.ts';
import { formatDetectable, formatDifference, tellMethod } from './tell.ts';
import { csvTable, markdownTable } from './text-table.ts';

/** One combination of the grid. */
export interface SweepPoint extends Omit<ArmRow, 'arm' | 'test'> {
  /** Its value of each option. */
  point: GridPoint;
  /** Against the best; absent for the best itself, and without runs. */
  test?: ArmTest;
  isBest: boolean;
  /** Whether it cannot be told from the best: also true where nothing could be tested. */
  isTied: boolean;
}

export interface SweepResult {
  metric: string;
  mode: 'max' | 'min';
  grid: Grid;
  /** Every combination, the last option changing fastest. */
  points: SweepPoint[];
  best: SweepPoint;
  /** What may be said about the best. */
  sentence: string;
  failures: CellFailure[];
  /** Made how, to be read. */
  markdown: string;
}

/** Finds the best of all combinations, and those that may be as good. */
export function makeSweep(
  grid: Grid,
  cells: readonly Cell[],
  failures: readonly CellFailure[],
  metric: Metric,
): SweepResult {
  checkSameSamples('sweep', cells);
  const perImage = isPerImage(metric);
  const found = gridPoints('sweep', grid).map((point) => {
    const own = cells.filter(({ arm }) => arm === pointName(point));
    const runs = scoredRuns('sweep', own, metric);
    return {
      point,
      runs,
      seconds: own.length > 0 ? meanAndInterval(own.map((cell) => cell.seconds)).mean : Number.NaN,
    };
  });
  const summaries = found.map(({ runs }) => summaryOf(runs, perImage));
  const sign = metric.mode === 'max' ? 1 : -1;
  const isDone = ({ mean }: { mean: number }): boolean => !Number.isNaN(mean);
  const best = summaries.reduce(
    (most, { mean }, i) => (sign * mean > sign * summaries[most]!.mean ? i : most),
    summaries.findIndex(isDone), // the caller has seen to it that there is one
  );
  const others = found.filter(({ runs }, i) => i !== best && runs.length > 0);
  const tests = testAll(
    others.map(({ point, runs }) => [pointName(point), testPair(runs, found[best]!.runs, perImage)] as const),
    metric,
  );
  const points = found.map(({ point, runs, seconds }, i): SweepPoint => {
    const test = tests.get(pointName(point));
    return {
      point,
      seeds: runs.map(({ seed }) => seed),
      values: runs.map(({ value }) => value),
      ...summaries[i]!,
      seconds,
      ...(test ? { test } : {}),
      isBest: i === best,
      isTied: runs.length > 0 && i !== best && test?.verdict !== 'worse',
    };
  });
  const sentence = tellBest(points[best]!, points, metric);
  const result = { metric: metric.name, mode: metric.mode, grid, points, best: points[best]!, sentence };
  return { ...result, failures: [...failures], markdown: markdownOf(points, sentence, failures, metric) };
}

function tellBest(best: SweepPoint, points: readonly SweepPoint[], metric: Metric): string {
  const others = points.filter(({ isBest, seeds }) => !isBest && seeds.length > 0);
  const tied = others.filter(({ isTied }) => isTied).length;
  const runs = best.seeds.length === 1 ? 'one run' : `${best.seeds.length} seeds`;
  const start = `Best is ${pointName(best.point)}: ${metric.name} ${formatMean(best, metric)} with ${runs}`;
  if (others.length === 0) return `${start}.`;
  if (others.some(({ test }) => test?.over === 'none')) {
    return `${start}. Whether others are worse cannot be said; run more seeds, or return predictions.`;
  }
  if (tied === 0) return `${start}; all ${others.length} others are worse, beyond chance.`;
  return `${start}; ${tied} of ${others.length} others cannot be told from it.`;
}

const CORRECTION = "p is corrected for the number of combinations by Holm's method.";
const CHOSEN = 'The best was chosen by these figures, so its own flatters: measure it anew, on images that had no say.';

function markdownOf(
  points: readonly SweepPoint[],
  sentence: string,
  failures: readonly CellFailure[],
  metric: Metric,
): string {
  const names = Object.keys(points[0]!.point);
  const table = markdownTable(
    [...names, 'runs', metric.name, 'against the best', 'p', 'detectable', ''],
    points.map((cell) => [
      ...Object.values(cell.point).map(String),
      String(cell.seeds.length),
      formatMean(cell, metric),
      cell.test ? formatDifference(cell.test, metric) : '–',
      cell.test && !Number.isNaN(cell.test.pValue) ? formatP(cell.test.adjustedPValue).replace(/^p (= )?/, '') : '–',
      cell.test ? formatDetectable(cell.test, metric) : '–',
      markOf(cell),
    ]),
  );
  const notes = [
    CHOSEN,
    ...tellMethod(
      points.flatMap(({ test }) => (test ? [test] : [])),
      CORRECTION,
    ),
  ];
  const failed = failures.map(({ arm, seed, reason }) => `${arm}, seed ${seed}, failed: ${reason.split('\n')[0]}`);
  return `${[sentence, table, [...failed, ...notes].map((line) => `- ${line}`).join('\n')].join('\n\n')}\n`;
}

/** What a combination is, in a word. */
export function markOf({ isBest, isTied, seeds }: SweepPoint): string {
  if (seeds.length === 0) return 'failed';
  if (isBest) return 'best';
  return isTied ? 'not told from the best' : '';
}

/** The combinations for programs, numbers in full. */
export function sweepCsv({ points }: SweepResult): string {
  return csvTable(
    [
      ...Object.keys(points[0]!.point),
      'runs',
      'mean',
      'low',
      'high',
      'interval_over',
      'difference',
      'p_value',
      'p_value_holm',
      'best',
      'tied',
      'seconds',
    ],
    points.map(({ test, ...cell }) => [
      ...Object.values(cell.point).map(String),
      cell.seeds.length,
      cell.mean,
      cell.low,
      cell.high,
      cell.intervalOver,
      test?.difference ?? '',
      test?.pValue ?? '',
      test?.adjustedPValue ?? '',
      String(cell.isBest),
      String(cell.isTied),
      cell.seconds,
    ]),
  );
}
