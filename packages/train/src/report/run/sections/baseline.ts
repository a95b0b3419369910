import { mcnemar, predictions } from '@kd/metrics';
import type { Predictions } from '../../../loop/ask-loader.ts';
import { formatCount, formatNumber } from '../../format.ts';
import { type Html, html } from '../../html.ts';
import { scrolling, section } from '../../section.ts';
import { isEvaluation } from '../is-evaluation.ts';
import { inWords } from '../network-styles.ts';
import type { ReportAnswers, RunReport } from '../run-report.ts';

const SIGNIFICANT = 0.05; // a convention, not a law: one in twenty such differences arises by chance

/** What a run ended with: its kept evaluation, else its last. */
function final(evaluations: RunReport['evaluations'], keptEpoch?: number): Readonly<Record<string, number>> {
  return evaluations.find(({ epoch }) => epoch === keptEpoch) ?? evaluations.at(-1) ?? {};
}

/** Which of the images that both have seen each gets right. */
function hitsOf(own: ReportAnswers, other: Predictions): { ours: boolean[]; theirs: boolean[] } {
  const [predicted, others] = [predictions(own.logits, own.labels.length), predictions(other.logits, other.ids.length)];
  const places = new Map(other.ids.map((id, place) => [id, place]));
  const [ours, theirs]: [boolean[], boolean[]] = [[], []];
  for (const [row, label] of own.labels.entries()) {
    const place = places.get(own.ids[row]!);
    if (place === undefined) continue;
    ours.push(predicted[row] === label);
    theirs.push(others[place] === label);
  }
  return { ours, theirs };
}

function verdict({ answers, baseline, studentName }: RunReport): Html | false {
  if (!answers || !baseline?.predictions) return false;
  const { ours, theirs } = hitsOf(answers, baseline.predictions);
  if (ours.length === 0)
    return html`<p>The two runs have no validation image in common, so there is nothing to test.</p>`;
  const { onlyA, onlyB, pValue } = mcnemar(ours, theirs);
  const p = pValue < 0.001 ? 'p < .001' : `p = ${pValue.toFixed(3).replace(/^0/, '')}`;
  const chance = pValue < SIGNIFICANT ? 'chance alone rarely makes such a difference' : 'chance alone may explain that';
  return html`<p>Of ${formatCount(ours.length)} images, ${formatCount(onlyA)} are classified right by ${inWords({ studentName })} only and ${formatCount(onlyB)} by ${baseline.name} only: ${chance} (McNemar’s exact test, ${p}).</p>`;
}

/** +0.104, −0.017 */
function signed(value: number): string {
  if (value === 0) return '0';
  return `${value > 0 ? '+' : '−'}${formatNumber(Math.abs(value))}`;
}

/** This run beside another one. */
export function comparison(report: RunReport): Html | false {
  const { baseline, evaluations, keptEpoch, studentName } = report;
  if (!baseline) return false;
  const ours = final(evaluations, keptEpoch);
  const theirs: Readonly<Record<string, number>> = {
    ...baseline.history?.filter(isEvaluation).at(-1),
    ...(baseline.accuracy === undefined ? {} : { eval_accuracy: baseline.accuracy }),
    ...(baseline.loss === undefined ? {} : { eval_loss: baseline.loss }),
  };
  const timing = /_(runtime|per_second)$/;
  const names = Object.keys(ours).filter((name) => name.startsWith('eval_') && name in theirs && !timing.test(name));
  if (names.length === 0) return false;
  const rows = names.map((name) => {
    const [a, b] = [ours[name]!, theirs[name]!];
    return html`<tr><th scope="row">${name}</th><td class="strong">${formatNumber(a)}</td><td>${formatNumber(b)}</td><td>${signed(a - b)}</td></tr>
`;
  });
  const title = `Compared with ${baseline.name}`;
  const table = html`<table class="numbers narrow"><thead><tr><th scope="col">Metric</th><th scope="col">${studentName}</th><th scope="col">${baseline.name}</th><th scope="col">Difference</th></tr></thead>
<tbody>${rows}</tbody></table>`;
  return section(title, verdict(report), scrolling(title, table));
}
