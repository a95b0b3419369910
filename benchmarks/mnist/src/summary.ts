import { median } from '@kd-bench/common';
import { NAMES } from './cases.ts';
import type { Measurement } from './rounds.ts';
import { PARTS, type Parts } from './stopwatch.ts';

/** What one case came to. */
export interface CaseSummary {
  name: string;
  /** Milliseconds of a step. */
  medianMs: number;
  minMs: number;
  /** At the median. */
  imagesPerSecond?: number;
  /** Share of all time measured, each in [0, 1]. */
  shares?: Parts;
}

/** How many times as long one case takes as another. */
export interface RatioSummary {
  name: string;
  /** Median of the rounds' ratios. */
  ratio: number;
  /** Of the rounds. */
  low: number;
  high: number;
}

const RATIOS: readonly [name: string, of: string, to: string][] = [
  ['distil, teacher cached / student from labels', NAMES.cached, NAMES.student],
  ['distil, teacher asked / teacher cached', NAMES.asked, NAMES.cached],
  ['train teacher, stock kernels / ours', NAMES.teacherStock, NAMES.teacher],
  ['train student, stock kernels / ours', NAMES.studentStock, NAMES.student],
  ['Adam on student, composed / one kernel', NAMES.adamComposed, NAMES.adam],
  ['Adam on student, all is learnt / learning', NAMES.adamDone, NAMES.adam],
  ['infer teacher, stock kernels / ours', NAMES.inferTeacherStock, NAMES.inferTeacher],
  ['infer student, stock kernels / ours', NAMES.inferStudentStock, NAMES.inferStudent],
];

export function summarizeCase({ name, images, rounds }: Measurement): CaseSummary {
  const laps = rounds.flat();
  const totals = laps.map(({ total }) => total);
  const medianMs = median(totals);
  const sum = totals.reduce((all, total) => all + total, 0);
  const share = (part: keyof Parts): number => laps.reduce((all, { parts }) => all + parts![part], 0) / sum;
  return {
    name,
    medianMs,
    minMs: Math.min(...totals),
    ...(images ? { imagesPerSecond: (1000 * images) / medianMs } : {}),
    ...(laps[0]!.parts ? { shares: Object.fromEntries(PARTS.map((part) => [part, share(part)])) as Parts } : {}),
  };
}

/** Round by round, as neighbours in time see the same machine; those whose cases were measured. */
export function summarizeRatios(measurements: readonly Measurement[]): RatioSummary[] {
  const perRound = (name: string): number[] | undefined =>
    measurements
      .find((measurement) => measurement.name === name)
      ?.rounds.map((laps) => median(laps.map(({ total }) => total)));
  return RATIOS.flatMap(([name, of, to]) => {
    const [above, below] = [perRound(of), perRound(to)];
    if (!above || !below) return [];
    const ratios = above.map((value, round) => value / below[round]!);
    return [{ name, ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) }];
  });
}
