import { formatTable } from '@kd-bench/common';
import { CASES, type Case } from './cases.ts';
import type { Failed, Measured } from './measure.ts';

/** PyTorch in its better layout: what the others are compared with. */
function referenceOf(measured: readonly Measured[]): Measured | undefined {
  const torch = measured.filter(({ engine }) => engine.startsWith('pytorch'));
  return torch.sort((a, b) => a.min - b.min)[0];
}

/** A table with a row for each engine, and what else is to be said about one below it. */
export function formatResults(which: Case, results: readonly (Measured | Failed)[]): string {
  const measured = results.filter((result): result is Measured => 'min' in result);
  const failed = results.filter((result): result is Failed => 'reason' in result);
  const reference = referenceOf(measured);
  const ratio = (key: 'min' | 'median' | 'megabytes', row: Measured): string =>
    reference ? (row[key] / reference[key]).toFixed(2) : '';
  const rows = measured.map((row) => [
    row.engine,
    row.min.toFixed(1),
    ratio('min', row),
    row.median.toFixed(1),
    ratio('median', row),
    row.megabytes.toFixed(0),
    ratio('megabytes', row),
    row.foreign.toFixed(2),
    String(row.discarded),
  ]);
  const columns = ['', 'min', 'x', 'median', 'x', 'peak MB', 'x', 'others', 'discarded'];
  const { title, per } = CASES[which];
  return [
    `${title}: ms per ${per}${reference ? `; x: relative to ${reference.engine}` : ''}`,
    ...(rows.length > 0 ? [formatTable(columns, rows)] : []),
    ...measured.flatMap(({ engine, build }) => (build ? [`${engine}: ${describeBuild(build)}`] : [])),
    ...failed.map(({ engine, reason }) => `${engine}: not run: ${reason}`),
  ].join('\n');
}

function describeBuild({ ms, checkMegabytes, warning }: NonNullable<Measured['build']>): string {
  return (
    `traced, lowered and built in ${(ms / 1000).toFixed(2)} s; ` +
    `the process that compared with the portable graph peaked at ${checkMegabytes.toFixed(0)} MB` +
    (warning === undefined ? '' : `; warning: ${warning}`)
  );
}
