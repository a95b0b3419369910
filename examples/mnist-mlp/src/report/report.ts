import type { RunResults } from '../results.ts';
import { html, trusted } from './html.ts';
import { accuracyAgainstCost } from './sections/accuracy-against-cost.ts';
import { configBlock } from './sections/config.ts';
import { curves } from './sections/curves.ts';
import { disagreements } from './sections/disagreements.ts';
import { headline } from './sections/headline.ts';
import { networkTable } from './sections/network-table.ts';
import { omittedDigit } from './sections/omitted-digit.ts';
import { samples } from './sections/samples.ts';
import { softTargets } from './sections/soft-targets.ts';
import { STYLES } from './styles.ts';

// Even if text from data got past the escaping, nothing would run and nothing would leave the computer.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * A run as one HTML page, complete in itself: it opens from disk, without network and without scripts.
 *
 * @returns the file's text, UTF-8
 */
export function renderReport(results: RunResults): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="icon" href="data:,">
<title>${`Knowledge distillation on ${results.dataset.name}: ${results.config.preset}`}</title>
<style>${trusted(STYLES)}</style>
</head>
<body>
<main>
${[
  headline(results),
  networkTable(results),
  omittedDigit(results),
  samples(results),
  softTargets(results),
  curves(results),
  accuracyAgainstCost(results),
  disagreements(results),
  configBlock(results),
]}</main>
</body>
</html>
`;
  return page.markup;
}
