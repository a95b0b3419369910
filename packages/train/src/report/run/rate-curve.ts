import type { RunReport } from './run-report.ts';

const MOST_POINTS = 600; // more than a chart has pixels

type Point = RunReport['rates'][number];

/** Learning rates of all steps, thinned out evenly as they become many; the newest is always there. */
export function createRateCurve(): { add(point: Point): void; points(): Point[] } {
  let kept: Point[] = [];
  let every = 1;
  let count = 0;
  let last: Point | undefined;
  return {
    add(point) {
      if (count % every === 0) kept.push(point);
      count += 1;
      last = point;
      if (kept.length <= MOST_POINTS) return;
      kept = kept.filter((_, i) => i % 2 === 0);
      every *= 2;
    },
    points: () => (last && kept.at(-1) !== last ? [...kept, last] : [...kept]),
  };
}
