import { bar } from '../../bar-chart.ts';
import { formatBytes, formatCount, formatDate, formatPercent, formatSeconds } from '../../format.ts';
import { type Html, html } from '../../html.ts';
import { swatch } from '../../legend.ts';
import { inWords, styledNetworks } from '../network-styles.ts';
import type { RunReport } from '../run-report.ts';

/** 2.5 epochs, 1 epoch */
function epochsText(epochs: number): string {
  return `${Number(epochs.toFixed(2))} ${epochs === 1 ? 'epoch' : 'epochs'}`;
}

function epochsDone({ history, evaluations }: RunReport): number {
  return Math.max(0, history.at(-1)?.epoch ?? 0, evaluations.at(-1)?.epoch ?? 0);
}

/** Where the run stands. */
function state(report: RunReport): string {
  const { history, epochs, reason, keptEpoch, answers } = report;
  const done = epochsDone(report);
  const kept = keptEpoch === undefined ? '' : ` The best so far, kept: epoch ${Number(keptEpoch.toFixed(2))}.`;
  const ofAnswers =
    answers && answers.epoch !== keptEpoch
      ? ` Pictures and tables are of epoch ${Number(answers.epoch.toFixed(2))}.`
      : '';
  if (report.state === 'running') {
    if (done === 0)
      return `Training has begun, for ${epochsText(epochs)}; the first numbers come with its first evaluation.`;
    const last = history.slice(-3).map(({ epoch_runtime }) => epoch_runtime);
    const each = last.reduce((sum, seconds) => sum + seconds, 0) / last.length;
    const left = last.length > 0 ? `, about ${formatSeconds((epochs - done) * each)} to go` : '';
    return `Training: ${epochsText(done)} of ${epochs} done${left}.${kept}${ofAnswers} Reload this page for news.`;
  }
  const how = {
    finished: `Finished after ${epochsText(done)}.`,
    early: `Ended early, after ${epochsText(done)} of ${epochs}${reason === undefined ? '' : `: ${reason}`}.`,
    aborted: `Stopped after ${epochsText(done)} of ${epochs}; it can be resumed from its checkpoint.`,
  }[report.state];
  const weights = keptEpoch === undefined ? '' : ` The weights are those of epoch ${Number(keptEpoch.toFixed(2))}.`;
  return `${how}${report.state === 'aborted' ? kept : weights}${ofAnswers}`;
}

/** What the networks are worth, in one sentence. */
function result(report: RunReport): string {
  const { answers, student, teacher, baseline } = report;
  if (student.accuracy === undefined) return report.title;
  const images = answers ? ` of ${formatCount(answers.labels.length)} validation images` : '';
  const other = (who: string, accuracy: number | undefined): string =>
    accuracy === undefined ? '' : `, ${who} on ${formatPercent(accuracy)}`;
  const sentence =
    `${inWords(report)} is right on ${formatPercent(student.accuracy)}${images}` +
    other('its teacher', teacher?.accuracy) +
    other(baseline?.name ?? '', baseline?.accuracy);
  return capital(sentence);
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Accuracies as large numbers with bars: what one sees first. */
function tiles(report: RunReport): Html | false {
  const known = styledNetworks(report).filter(({ accuracy }) => accuracy !== undefined);
  const images = report.answers?.labels.length;
  if (known.length === 0) return false;
  return html`<div class="tiles">${known.map(({ accuracy = 0, ...style }) => {
    const errors = images === undefined ? undefined : Math.round((1 - accuracy) * images);
    return html`<div class="tile"><p>${swatch(style)} ${style.name}</p>
<p class="large">${formatPercent(accuracy)}</p>${bar(accuracy, style.color)}
${errors !== undefined && html`<p class="muted">${formatCount(errors)} ${errors === 1 ? 'error' : 'errors'}</p>`}</div>`;
  })}</div>`;
}

function facts(report: RunReport): Html {
  const { memory, history, answers } = report;
  const rate = history.at(-1)?.train_samples_per_second;
  const rows: [string, string][] = [
    ['Began', formatDate(report.startedAt.toISOString())],
    ['Written', formatDate(report.writtenAt.toISOString())],
    ['Time', `${formatSeconds(report.seconds)}${rate ? `, ${formatCount(rate)} images/s in training` : ''}`],
    [
      'Memory',
      [
        memory.peak !== undefined && `${formatBytes(memory.peak)} at most`,
        `TF.js: ${formatCount(memory.tensors)} tensors, ${formatBytes(memory.tensorBytes)}`,
      ]
        .filter((text) => text !== false)
        .join('; '),
    ],
    ['Objective', report.objective],
    ['Engine', report.engine],
    [
      'Images',
      `${formatCount(report.samplesPerEpoch)} an epoch to train${answers ? `, ${formatCount(answers.labels.length)} to validate` : ''}`,
    ],
    ['Steps', formatCount(report.step)],
  ];
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Result, state, and under what circumstances. */
export function headline(report: RunReport): Html {
  return html`<header><h1>${report.title}</h1>
<p class="result">${result(report)}</p>
${tiles(report)}
<div class="verdict"><p>${state(report)}</p></div>
${report.teacherNote !== undefined && html`<p class="warning"><strong>Note.</strong> ${report.teacherNote}</p>`}
${facts(report)}</header>
`;
}
