import { formatCount } from '../../format.ts';
import { type Html, html } from '../../html.ts';
import { picture } from '../../picture.ts';
import { pictureCard, type ShownAnswer } from '../../picture-card.ts';
import { section } from '../../section.ts';
import { disagreedRows, worstRows } from '../chosen-rows.ts';
import { inWords } from '../network-styles.ts';
import { probabilities, surest } from '../probabilities.ts';
import type { ReportAnswers, RunReport } from '../run-report.ts';
import { namesOf } from './confusion.ts';

/** A small picture is shown this large. */
const SIDE = 112;

/** One image with what the networks take it for. */
async function card(report: RunReport, answers: ReportAnswers, row: number): Promise<Html> {
  const names = namesOf(report.classNames, answers);
  const label = answers.labels[row]!;
  const shown = (who: string, logits: Float32Array): ShownAnswer => {
    const { prediction, probability } = surest(probabilities({ logits, classes: answers.classes }, row));
    return { who, answer: names[prediction]!, probability, right: prediction === label };
  };
  const found = report.pictures.find((each) => each.row === row);
  const zoom = found ? SIDE / Math.max(found.pixels.width, found.pixels.height) : 1;
  const image = found
    ? await picture(found.pixels, `Validation image ${answers.ids[row]}, labelled ${names[label]}`, zoom)
    : html`<p class="muted">Image ${answers.ids[row]}</p>`;
  return pictureCard(image, names[label]!, [
    shown(report.studentName, answers.logits),
    ...(answers.teacherLogits ? [shown('Teacher', answers.teacherLogits)] : []),
  ]);
}

const KEY = html`<p class="muted">✓ right, ✗ wrong; the number is how sure the network was of its answer.</p>`;

/** The worst errors, and the surest contradictions of student and teacher, as pictures. */
export async function pictures(report: RunReport, count: number): Promise<Html | false> {
  const { answers } = report;
  if (!answers || count === 0) return false;
  const images = formatCount(answers.labels.length);
  const cards = async (rows: readonly number[]): Promise<Html> =>
    html`<div class="pictures">${await Promise.all(rows.map((row) => card(report, answers, row)))}</div>`;
  const worst = worstRows(answers, count);
  const { rows, total } = disagreedRows(answers, count);
  const errors = section(
    'Worst errors',
    worst.length === 0
      ? html`<p>None: all ${images} validation images are classified right.</p>`
      : html`<p>Those where ${inWords(report)} gives the label the least probability:</p>${await cards(worst)}${KEY}`,
  );
  if (!answers.teacherLogits) return errors;
  const few = rows.length < total ? `; ${rows.length} of them, the surest contradictions first:` : ':';
  const disagreements = section(
    'Where teacher and student disagree',
    total === 0
      ? html`<p>Nowhere: both give the same answer to all ${images} validation images.</p>`
      : html`<p>They give different answers to ${formatCount(total)} of ${images} validation images${few}</p>${await cards(rows)}${KEY}`,
  );
  return html`${errors}${disagreements}`;
}
