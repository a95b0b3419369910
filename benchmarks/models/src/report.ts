import { formatTable } from '@kd-bench/common';
import { BATCHES, type Failed, type Measured } from './measure.ts';

/** A table with a row for each engine, PyTorch's time as the measure of all, and the reasons of those that did not run. */
export function formatResults(model: string, results: readonly (Measured | Failed)[]): string {
  const measured = results.filter((result): result is Measured => 'ms' in result);
  const failed = results.filter((result): result is Failed => 'reason' in result);
  const base = measured.find(({ engine }) => engine === 'pytorch');
  const rows = measured.map(({ engine, ms, megabytes }) => [
    engine,
    ...ms.flatMap((each, i) => [each.toFixed(each < 10 ? 2 : 1), base ? (each / base.ms[i]!).toFixed(2) : '']),
    megabytes.toFixed(0),
  ]);
  const header = [model, ...BATCHES.flatMap((batch) => [`batch ${batch}`, 'x pytorch']), 'peak MB'];
  return [formatTable(header, rows), ...failed.map(({ engine, reason }) => `${engine}: not run: ${reason}`)].join('\n');
}
