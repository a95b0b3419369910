import { confusionMatrix, predictions } from '@kd/metrics';
import { formatCount, formatPercent } from '../../format.ts';
import { type Html, html } from '../../html.ts';
import { breakable, scrolling, section } from '../../section.ts';
import { inWords } from '../network-styles.ts';
import type { ReportAnswers, RunReport } from '../run-report.ts';

/** Larger ones are read better as a list of what is taken for what. */
const MOST_CLASSES = 30;
const MOST_PAIRS = 12;
/** Strongest shade of a cell, in percent: text stays readable on it, light and dark. */
const STRONGEST = 55;

interface Pair {
  label: number;
  predicted: number;
  count: number;
}

/** Which classes are taken for which, the most frequent first. */
function mixedUp(counts: Int32Array, classes: number): Pair[] {
  const pairs = Array.from(counts, (count, i) => ({ label: Math.floor(i / classes), predicted: i % classes, count }));
  return pairs
    .filter(({ label, predicted, count }) => label !== predicted && count > 0)
    .sort((a, b) => b.count - a.count);
}

function cell(count: number, ofRow: number, right: boolean): Html {
  if (count === 0) return html`<td class="none">0</td>`;
  // The root: of a hundred images a single error should still show.
  const strength = STRONGEST * Math.sqrt(count / ofRow);
  const color = right ? 'var(--student)' : 'var(--baseline)';
  return html`<td style="background:color-mix(in srgb, ${color} ${strength.toFixed(1)}%, var(--surface))" title="${formatPercent(count / ofRow)} of the row">${formatCount(count)}</td>`;
}

function matrixTable(counts: Int32Array, names: readonly string[], who: string): Html {
  const classes = names.length;
  const rows = names.map((name, label) => {
    const ofClass = counts.subarray(label * classes, (label + 1) * classes);
    const total = ofClass.reduce((sum, count) => sum + count, 0);
    const recall = total > 0 ? formatPercent(ofClass[label]! / total) : '–';
    return html`<tr><th scope="row">${name}</th>${Array.from(ofClass, (count, predicted) => cell(count, total, predicted === label))}<td class="aside">${recall}</td></tr>
`;
  });
  return html`<table class="numbers matrix"><caption>Rows are labels, columns what ${who} takes the images for</caption>
<thead><tr><th scope="col">Label</th>${names.map((name) => html`<th scope="col">${breakable(name)}</th>`)}<th scope="col" class="aside">Right</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

/** How often each class is taken for each. */
export function confusion({ answers, classNames, studentName }: RunReport): Html | false {
  if (!answers) return false;
  const names = namesOf(classNames, answers);
  const predicted = predictions(answers.logits, answers.labels.length);
  const { counts } = confusionMatrix(predicted, answers.labels, names.length);
  const pairs = mixedUp(counts, names.length);
  const title = 'Confusion matrix';
  const list =
    pairs.length === 0
      ? html`<p>It makes no error on the validation images.</p>`
      : html`<p class="muted">The most frequent errors:</p><ul class="pairs">${pairs
          .slice(0, MOST_PAIRS)
          .map(
            ({ label, predicted, count }) =>
              html`<li><strong>${names[label]}</strong> taken for <strong>${names[predicted]}</strong>: ${formatCount(count)}</li>`,
          )}</ul>`;
  return section(
    title,
    names.length <= MOST_CLASSES && scrolling(title, matrixTable(counts, names, inWords({ studentName }))),
    list,
  );
}

/** A name for every class that is scored, also where the data has none. */
export function namesOf(classNames: readonly string[], { classes }: ReportAnswers): string[] {
  return Array.from({ length: classes }, (_, i) => classNames[i] ?? `${i}`);
}
