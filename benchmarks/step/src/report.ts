import { formatTable } from '@kd-bench/common';
import type { Failed, Measured } from './measure.ts';
import { BATCH, type Case } from './training.ts';

const TITLES: Readonly<Record<Case, string>> = {
  mobilenetv2: `MobileNetV2 1.0 at 224, batch ${BATCH.mobilenetv2}, Adam: ms per image`,
  mlp: `MLP 784-1200-1200-10 with batch normalisation, batch ${BATCH.mlp}, Adam: ms per step`,
};

/** A table with a row for each engine, and the reasons of those that did not run below it. */
export function formatResults(which: Case, results: readonly (Measured | Failed)[]): string {
  const measured = results.filter((result): result is Measured => 'min' in result);
  const failed = results.filter((result): result is Failed => 'reason' in result);
  const base = measured.find(({ engine }) => engine === 'pytorch');
  const rows = measured.map(({ engine, min, median, megabytes }) => [
    engine,
    min.toFixed(1),
    median.toFixed(1),
    base ? (median / base.median).toFixed(2) : '',
    megabytes.toFixed(0),
  ]);
  const table = formatTable(['', 'min', 'median', 'x pytorch', 'peak MB'], rows);
  return [
    TITLES[which],
    ...(rows.length > 0 ? [table] : []),
    ...failed.map(({ engine, reason }) => `${engine}: not run: ${reason}`),
  ].join('\n');
}
