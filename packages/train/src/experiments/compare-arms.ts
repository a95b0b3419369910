import { holm, meanAndInterval, wilsonInterval } from '@kd/metrics';
import type { Cell } from './arm.ts';
import { checkSameSamples, isPerImage, type Metric, scoredRuns } from './metric.ts';
import { type PairTest, type ScoredRun, testPair } from './pair-test.ts';

/** Below it a difference is called one. */
const SIGNIFICANT = 0.05;

/** One arm against the baseline. */
export interface ArmTest extends PairTest {
  /** After Holm's correction for the number of arms. NaN where there is no test. */
  adjustedPValue: number;
  verdict: 'better' | 'worse' | 'undecided';
}

/** One row of the table. */
export interface ArmRow {
  arm: string;
  seeds: number[];
  /** Of the metric over seeds. NaN without runs. */
  mean: number;
  /** 95 % interval of the mean over seeds; of one run's accuracy over images; NaN where there is neither. */
  low: number;
  high: number;
  intervalOver: 'seeds' | 'images' | 'none';
  /** Each run's figure, in the order of seeds. */
  values: number[];
  /** Mean seconds of a run. NaN without runs. */
  seconds: number;
  /** Against the baseline; absent for the baseline itself. */
  test?: ArmTest;
}

/**
 * The rows of a table of arms, each tested against the baseline.
 *
 * @param arms names in the order of the rows; they may have no cells, where all runs failed
 */
export function compareArms(
  caller: string,
  arms: readonly string[],
  cells: readonly Cell[],
  { baseline, metric }: { baseline: string; metric: Metric },
): ArmRow[] {
  checkSameSamples(caller, cells);
  const perImage = isPerImage(metric);
  const runsOf = (arm: string): ScoredRun[] =>
    scoredRuns(
      caller,
      cells.filter((cell) => cell.arm === arm),
      metric,
    );
  const runsOfBaseline = runsOf(baseline);
  const tests = testAll(
    arms.filter((arm) => arm !== baseline).map((arm) => [arm, testPair(runsOf(arm), runsOfBaseline, perImage)]),
    metric,
  );
  return arms.map((arm) => {
    const runs = runsOf(arm);
    const seconds = cells.filter((cell) => cell.arm === arm).map((cell) => cell.seconds);
    const test = tests.get(arm);
    return {
      arm,
      seeds: runs.map(({ seed }) => seed),
      values: runs.map(({ value }) => value),
      ...summaryOf(runs, perImage),
      seconds: seconds.length > 0 ? meanAndInterval(seconds).mean : Number.NaN,
      ...(test ? { test } : {}),
    };
  });
}

/** Corrects the p-values of all tests together and says what they mean. */
export function testAll(tests: readonly (readonly [string, PairTest])[], { mode }: Metric): Map<string, ArmTest> {
  const tested = tests.filter(([, { pValue }]) => !Number.isNaN(pValue));
  const adjusted = holm(tested.map(([, { pValue }]) => pValue));
  return new Map(
    tests.map(([arm, test]) => {
      const place = tested.findIndex(([name]) => name === arm);
      const adjustedPValue = adjusted[place] ?? Number.NaN;
      const better = mode === 'max' ? test.difference > 0 : test.difference < 0;
      const verdict = !(adjustedPValue < SIGNIFICANT) ? 'undecided' : better ? 'better' : 'worse';
      return [arm, { ...test, adjustedPValue, verdict }];
    }),
  );
}

/** Mean and interval: over seeds; of one run over its images. */
export function summaryOf(
  runs: readonly ScoredRun[],
  perImage: boolean,
): Pick<ArmRow, 'mean' | 'low' | 'high' | 'intervalOver'> {
  const [first] = runs;
  if (!first) return { mean: Number.NaN, low: Number.NaN, high: Number.NaN, intervalOver: 'none' };
  const { mean, low, high } = meanAndInterval(runs.map(({ value }) => value));
  if (runs.length > 1) return { mean, low, high, intervalOver: 'seeds' };
  if (!perImage || !first.hits) return { mean, low, high, intervalOver: 'none' };
  const hits = first.hits.reduce((sum, hit) => sum + hit, 0);
  const { low: lowest, high: highest } = wilsonInterval(hits, first.hits.length);
  return { mean, low: lowest, high: highest, intervalOver: 'images' };
}
