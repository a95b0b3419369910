import { formatTable } from '@kd-bench/common';
import type { Result } from './measure.ts';
import { PARTS } from './stopwatch.ts';
import type { CaseSummary, RatioSummary } from './summary.ts';

/** The tables of one batch size. */
export function formatResult({ batchSize, cases, ratios }: Result): string {
  const header = ['case', 'median ms', 'min ms', 'images/s', ...PARTS.map((part) => `${part} %`), 'rest %'];
  return [
    `Batch ${batchSize}`,
    '',
    formatTable(header, cases.map(caseRow)),
    '',
    formatTable(['times as long', 'median', 'rounds'], ratios.map(ratioRow)),
  ].join('\n');
}

function caseRow({ name, medianMs, minMs, imagesPerSecond, shares }: CaseSummary): string[] {
  const percent = (share: number | undefined): string => (share === undefined ? '' : (100 * share).toFixed(1));
  const rest = shares && PARTS.reduce((left, part) => left - shares[part], 1);
  return [
    name,
    medianMs.toFixed(2),
    minMs.toFixed(2),
    imagesPerSecond?.toFixed(0) ?? '',
    ...PARTS.map((part) => percent(shares?.[part])),
    percent(rest),
  ];
}

function ratioRow({ name, ratio, low, high }: RatioSummary): string[] {
  return [name, ratio.toFixed(2), `${low.toFixed(2)} - ${high.toFixed(2)}`];
}
