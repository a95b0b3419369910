import { KdError } from '@kd/core';
import { formatPercent } from '../report/format.ts';
import type { Cell } from './arm.ts';
import type { ScoredRun } from './pair-test.ts';

/** The figure that arms are compared by. */
export interface Metric {
  name: string;
  /** Whether larger or smaller is better. */
  mode: 'max' | 'min';
}

export interface MetricOptions {
  /** Which figure of the runs counts. @default 'eval_accuracy' */
  metric?: string;
  /** Whether smaller or larger is better. @default 'min' for names that end in 'loss', else 'max', as in transformers */
  mode?: 'min' | 'max';
}

/** The one whose mean over samples is the mean of the hits. */
const ACCURACY = 'eval_accuracy';

export function metricOf(caller: string, { metric = ACCURACY, mode }: MetricOptions): Metric {
  if (mode !== undefined && mode !== 'min' && mode !== 'max') {
    throw new KdError('INVALID_ARGUMENT', `${caller}: mode must be 'min' or 'max', got ${mode}`, { mode });
  }
  return { name: metric, mode: mode ?? (metric.endsWith('loss') ? 'min' : 'max') };
}

/** Whether images can be tested: the figure is a mean over them. */
export const isPerImage = ({ name }: Metric): boolean => name === ACCURACY;

/** The figure of each run, in the order of seeds. */
export function scoredRuns(caller: string, cells: readonly Cell[], { name }: Metric): ScoredRun[] {
  return cells
    .map(({ arm, seed, metrics, hits }) => {
      const value = metrics[name];
      if (value === undefined) {
        throw new KdError(
          'NOT_FOUND',
          `${caller}: arm '${arm}' has no '${name}' with seed ${seed}, it has ${Object.keys(metrics).join(', ')}; ` +
            'name one of these as metric, or have the arm return it',
          { arm, seed, metric: name },
        );
      }
      if (!Number.isFinite(value)) {
        throw new KdError('NOT_FINITE', `${caller}: '${name}' of arm '${arm}' is ${value} with seed ${seed}`, {
          arm,
          seed,
        });
      }
      return { seed, value, ...(hits ? { hits } : {}) };
    })
    .sort((a, b) => a.seed - b.seed);
}

/** Runs are compared image by image: all must be about the same ones, in the same order. */
export function checkSameSamples(caller: string, cells: readonly Cell[]): void {
  const tested = cells.filter(({ samples }) => samples !== undefined);
  const [first] = tested;
  const other = tested.find(({ samples }) => samples !== first?.samples);
  if (!first || !other) return;
  throw new KdError(
    'MISMATCH',
    `${caller}: arm '${other.arm}', seed ${other.seed}, was tested on other samples than arm '${first.arm}', seed ` +
      `${first.seed}, or in another order; give all the same split, without shuffling`,
    { first: [first.arm, first.seed], other: [other.arm, other.seed] },
  );
}

/** How figures are written: shares in per cent and their differences in points, all else with four digits. */
export function formatter({ name }: Metric): {
  value(of: number): string;
  difference(of: number): string;
  unit: string;
} {
  const share = /accuracy|f1|precision|recall/.test(name);
  const plain = (of: number): string => String(Number(of.toPrecision(4)));
  const size = (of: number): string => (share ? (100 * Math.abs(of)).toFixed(2) : plain(Math.abs(of)));
  return {
    value: (of) => (share ? formatPercent(of) : plain(of)),
    difference: (of) => `${of < 0 ? '−' : '+'}${size(of)}`,
    unit: share ? ' points' : '',
  };
}

/** `p = .012`, `p < .001`. */
export function formatP(pValue: number): string {
  return pValue < 0.001 ? 'p < .001' : `p = ${pValue.toFixed(3).replace(/^0/, '')}`;
}
