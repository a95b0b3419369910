import {
  bar,
  formatCount,
  formatDate,
  formatMeanCount,
  formatPercent,
  formatSeconds,
  type Html,
  html,
  swatch,
} from '@kd/train/report';
import type { NetworkKey, RunResults } from '../../results.ts';
import { NETWORK_STYLES, type NetworkRuns, networkRuns, sizesOf } from '../networks.ts';
import { meanOf, seedValue } from '../statistics.ts';
import { verdictOf } from '../verdict.ts';

/** Keeps 800-800 on one line. */
const NO_BREAK_HYPHEN = '\u2011';

const errorsOf = ({ runs }: NetworkRuns): number[] => runs.map(({ test }) => test.errors);

/** The result in one sentence. */
function resultSentence(results: RunResults): string {
  const networks = networkRuns(results);
  const errors = (key: NetworkKey): string | undefined => {
    const found = networks.find((network) => network.key === key);
    if (!found) return undefined;
    return (found.runs.length > 1 ? formatMeanCount : formatCount)(meanOf(errorsOf(found)));
  };
  const [student, scratch, teacher] = [errors('student'), errors('scratch'), errors('teacher')];
  const sizes = networks.find(({ key }) => key === 'student')?.runs[0];
  const { dataset, seeds } = results;
  const parts = [
    student &&
      `the distilled ${sizes ? sizesOf(sizes).replaceAll('-', NO_BREAK_HYPHEN) : ''} student makes ${student} errors on ${formatCount(dataset.test)} test images`,
    scratch && `the same network trained from labels alone makes ${scratch}`,
    teacher && `its teacher ${teacher}`,
  ].filter((part) => part !== undefined);
  const start = seeds.length > 1 ? `On average over ${seeds.length} seeds, ` : '';
  const sentence = `${start}${parts.join('; ')}.`;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** Errors as large numbers with bars: what one sees first. */
function tiles(results: RunResults): Html {
  const networks = networkRuns(results);
  const most = Math.max(1, ...networks.map((network) => meanOf(errorsOf(network))));
  return html`<div class="tiles">${networks.map((network) => {
    const style = NETWORK_STYLES[network.key];
    const errors = errorsOf(network);
    const accuracy = meanOf(network.runs.map(({ test }) => test.accuracy));
    return html`<div class="tile"><p>${swatch(style)} ${style.name}</p>
<p class="large">${seedValue(errors, formatCount, formatMeanCount)}<span class="unit"> errors</span></p>
${bar(meanOf(errors) / most, style.color)}<p class="muted">${formatPercent(accuracy)} right</p></div>`;
  })}</div>`;
}

/** What each seed's test says; folded where there are many. */
function comparisons({ seeds }: RunResults): Html | false {
  const sentences = seeds.flatMap(({ seed, comparisons: all }) =>
    all.map(({ sentence }) => (seeds.length > 1 ? `Seed ${seed}: ${sentence}` : sentence)),
  );
  if (sentences.length === 0) return false;
  const list = html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
  return sentences.length <= 3 ? list : html`<details><summary>Each seed for itself</summary>${list}</details>`;
}

/** What makes the numbers mean less than they seem to. */
function warnings({ config, dataset }: RunResults): Html[] {
  const texts = [
    config.sanityCheck &&
      'A sanity check of one batch an epoch: it shows that everything runs, and its numbers mean nothing.',
    config.omitDigit >= 0 &&
      `The student never saw a ${dataset.classNames[config.omitDigit] ?? config.omitDigit} in training; its errors on that class count here too.`,
    dataset.validationIsTest &&
      'The test images also served for validation, as in the notebook: they chose epochs and rates, so these errors look better than they are.',
  ];
  return texts
    .filter((text) => text !== false)
    .map((text) => html`<p class="warning"><strong>Note.</strong> ${text}</p>`);
}

function facts({ dataset, ...results }: RunResults): Html {
  const { machine, engine, backend, config } = results;
  const split = [
    `${formatCount(dataset.train)} to train`,
    ...(dataset.validationIsTest ? [] : [`${formatCount(dataset.validation)} to validate`]),
    `${formatCount(dataset.test)} to test`,
  ];
  const rows: [string, string][] = [
    ['Date', formatDate(results.startedAt)],
    ['Total time', formatSeconds(results.seconds)],
    ['Engine', engine],
    ['TF.js backend', backend.summary],
    ['Machine', `${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}`],
    ['Images', `${dataset.name}: ${split.join(', ')}`],
    [
      'Preset',
      `${config.preset}, ${results.seeds.length > 1 ? 'seeds' : 'seed'} ${results.seeds.map(({ seed }) => seed).join(', ')}`,
    ],
  ];
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<p class="command-title">Run it again:</p><pre class="command" tabindex="0"><code>${results.command}</code></pre>`;
}

/** Result, verdict, and under what circumstances. */
export function headline(results: RunResults): Html {
  const verdict = verdictOf(results);
  return html`<header><h1>Knowledge distillation on ${results.dataset.name}</h1>
<p class="result">${resultSentence(results)}</p>
${tiles(results)}
${verdict && html`<div class="verdict"><p><strong>${verdict}</strong></p>${comparisons(results)}</div>`}
${warnings(results)}
${facts(results)}</header>
`;
}
