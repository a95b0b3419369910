import { page } from '@kd/train/report';
import type { RunResults } from '../results.ts';
import { accuracyAgainstCost } from './sections/accuracy-against-cost.ts';
import { configBlock } from './sections/config.ts';
import { curves } from './sections/curves.ts';
import { disagreements } from './sections/disagreements.ts';
import { headline } from './sections/headline.ts';
import { networkTable } from './sections/network-table.ts';
import { omittedDigit } from './sections/omitted-digit.ts';
import { samples } from './sections/samples.ts';
import { softTargets } from './sections/soft-targets.ts';

/**
 * A run as one HTML page, complete in itself: it opens from disk, without network and without scripts.
 *
 * @returns the file's text, UTF-8
 */
export async function renderReport(results: RunResults): Promise<string> {
  const title = `Knowledge distillation on ${results.dataset.name}: ${results.config.preset}`;
  return page(title, [
    headline(results),
    networkTable(results),
    omittedDigit(results),
    await samples(results),
    await softTargets(results),
    curves(results),
    accuracyAgainstCost(results),
    await disagreements(results),
    configBlock(results),
  ]).markup;
}
