import { logTicks, niceTicks } from './axis.ts';
import type { LineSeries } from './line-chart.ts';

const range = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];

const finite = (series: readonly LineSeries[]): number[] =>
  series.flatMap(({ values }) => values.filter(Number.isFinite));

/** The solid lines, which matter: validation. */
const solid = (series: readonly LineSeries[]): number[] => finite(series.filter(({ dashed }) => !dashed));

/** Far below the validation losses there is nothing to compare: a training loss may fall to 1e-7 and leaves the chart. */
export function lossTicks(values: readonly number[], series: readonly LineSeries[]): number[] {
  const positive = values.filter((value) => value > 0);
  const validation = solid(series).filter((value) => value > 0);
  const floor = validation.length > 0 ? Math.min(...validation) / 10 : 0;
  const low = Math.max(Math.min(...positive), floor);
  return positive.length > 0 ? logTicks(low, Math.max(...positive)) : [0.1, 1, 10];
}

/** As for the loss: with strong dropout a training accuracy lies so low that the others would look alike. */
export function accuracyTicks(values: readonly number[], series: readonly LineSeries[]): number[] {
  const [low, high] = range(values);
  const validation = solid(series).sort((a, b) => a - b);
  const median = validation[validation.length >> 1];
  const floor = median === undefined ? low : Math.min(validation[0]!, 1 - 4 * (1 - median));
  return niceTicks(Math.max(low, floor), high).filter((tick) => tick <= 1);
}

/** Three powers of ten are enough to look at. */
export function rateTicks(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return [1e-4, 1e-3, 1e-2];
  const [low, high] = range(positive);
  return logTicks(Math.max(low, high / 1000), high);
}

/** Of losses that are all of interest. */
export function logarithmicTicks(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0);
  return positive.length > 0 ? logTicks(...range(positive)) : [0.1, 1, 10];
}
