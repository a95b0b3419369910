import { agreement, predictions } from '@kd/metrics';
import { formatCount, formatPercent } from '../../format.ts';
import { type Html, html } from '../../html.ts';
import { scrolling, section } from '../../section.ts';
import { inWords } from '../network-styles.ts';
import type { RunReport } from '../run-report.ts';
import { namesOf } from './confusion.ts';

/** Of classes where the student lost most, if there are many. */
const MOST_CLASSES = 30;

interface Counts {
  samples: number;
  both: number;
  onlyStudent: number;
  onlyTeacher: number;
  neither: number;
  /** Of these, samples for which both gave the same wrong answer. */
  sameError: number;
}

function countAll(
  labels: Int32Array,
  student: Int32Array,
  teacher: Int32Array,
  counted: (row: number) => boolean = () => true,
): Counts {
  const counts = { samples: 0, both: 0, onlyStudent: 0, onlyTeacher: 0, neither: 0, sameError: 0 };
  for (const [row, label] of labels.entries()) {
    if (!counted(row)) continue;
    counts.samples += 1;
    const [a, b] = [student[row] === label, teacher[row] === label];
    counts[a ? (b ? 'both' : 'onlyStudent') : b ? 'onlyTeacher' : 'neither'] += 1;
    if (!a && !b && student[row] === teacher[row]) counts.sameError += 1;
  }
  return counts;
}

function fourFields({ samples, both, onlyStudent, onlyTeacher, neither, sameError }: Counts, name: string): Html {
  const field = (count: number, note?: Html): Html =>
    html`<td>${formatCount(count)}<small>${formatPercent(count / samples)}</small>${note}</td>`;
  return html`<table class="numbers narrow"><caption class="hidden">Right and wrong answers of teacher and ${name}</caption>
<thead><tr><th scope="col"></th><th scope="col">Teacher right</th><th scope="col">Teacher wrong</th></tr></thead>
<tbody><tr><th scope="row">${name} right</th>${field(both)}${field(onlyStudent)}</tr>
<tr><th scope="row">${name} wrong</th>${field(onlyTeacher)}${field(neither, html`<small>${formatCount(sameError)} with the same answer</small>`)}</tr></tbody></table>`;
}

function byClass(rows: readonly { name: string; counts: Counts }[], name: string): Html {
  const titles = [
    'Class',
    'Images',
    'Teacher right',
    `${name} right`,
    'Only the teacher',
    `Only ${inWords({ studentName: name })}`,
  ];
  const share = (count: number, samples: number): string => (samples > 0 ? formatPercent(count / samples) : '–');
  return html`<table class="numbers"><thead><tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ name: className, counts: { samples, both, onlyStudent, onlyTeacher } }) =>
      html`<tr><th scope="row">${className}</th><td>${formatCount(samples)}</td><td>${share(both + onlyTeacher, samples)}</td><td>${share(both + onlyStudent, samples)}</td><td class="strong">${formatCount(onlyTeacher)}</td><td>${formatCount(onlyStudent)}</td></tr>
`,
  )}</tbody></table>`;
}

/** Where the teacher is right and the student wrong, and so on, over all and for each class. */
export function teacherAndTruth({ answers, classNames, studentName: name }: RunReport): Html | false {
  if (!answers?.teacherLogits) return false;
  const { labels, logits, teacherLogits } = answers;
  const samples = labels.length;
  const [student, teacher] = [predictions(logits, samples), predictions(teacherLogits, samples)];
  const all = countAll(labels, student, teacher);
  const classes = namesOf(classNames, answers).map((className, label) => ({
    name: className,
    counts: countAll(labels, student, teacher, (row) => labels[row] === label),
  }));
  const many = classes.length > MOST_CLASSES;
  if (many) classes.sort((a, b) => b.counts.onlyTeacher - a.counts.onlyTeacher);
  const title = 'Teacher, student and truth';
  return section(
    title,
    html`<p>Both give the same answer to ${formatPercent(agreement(logits, teacherLogits, samples))} of the images, right or wrong.</p>`,
    scrolling(title, fourFields(all, name)),
    many &&
      html`<p class="muted">The ${MOST_CLASSES} classes of ${formatCount(classes.length)} in which the teacher alone is right most often:</p>`,
    scrolling(`${title}, by class`, byClass(classes.slice(0, MOST_CLASSES), name)),
  );
}
