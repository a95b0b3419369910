import { predictions } from '@kd/metrics';
import { describe, expect, it } from 'vitest';
import { type SampleOptions, sampleReport } from '../testing/sample-report.ts';
import { renderRunReport } from './render-run-report.ts';
import type { RunReport } from './run-report.ts';

const render = (report: RunReport, pictures = 12): Promise<string> => renderRunReport(report, pictures);

/** Elements that were opened and not closed, or closed and not opened. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  const alone = new Set(['meta', 'link', 'img', 'wbr']);
  for (const [, close, name = '', selfClosed] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^<>]*?(\/?)>/g)) {
    if (alone.has(name) || selfClosed) continue;
    if (!close) open.push(name);
    else if (open.pop() !== name) return [name];
  }
  return open;
}

/** Values that nobody meant to show; in a picture's bytes they are chance. */
const slips = (page: string): string[] =>
  page.replaceAll(/data:image[^"]*/g, '').match(/NaN|undefined|Infinity|\[object/g) ?? [];

const headings = (page: string): string[] => [...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading!);

const text = (markup: string): string => markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

/** Cells of the table after a heading, as text. */
function table(page: string, heading: string): string[][] {
  const [, rest = ''] = page.split(`<h2>${heading}</h2>`);
  const [body = ''] = rest.split('</table>');
  return [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => text(cell!).trim()),
  );
}

describe('every variant', () => {
  it.each<[string, SampleOptions]>([
    ['a usual run', {}],
    ['one epoch', { epochs: 1 }],
    ['a hundred epochs', { epochs: 100 }],
    ['two classes', { classes: 2 }],
    ['a hundred classes', { classes: 100, samples: 400 }],
    ['one sample', { samples: 1 }],
  ])('%s', async (_, options) => {
    const page = await render(await sampleReport(options));
    expect(headings(page)).toEqual([
      'Learning curves',
      'Accuracy against size and time',
      'Compared with Labels alone',
      'Confusion matrix',
      'Teacher, student and truth',
      'Calibration',
      'Worst errors',
      'Where teacher and student disagree',
      'Epoch by epoch',
      'Settings',
    ]);
    expect(unbalanced(page)).toEqual([]);
    expect(slips(page)).toEqual([]);
  });
});

it('leaves out what there is no data for', async () => {
  const { answers: _, teacher: __, baseline: ___, config: ____, keptEpoch: _____, ...rest } = await sampleReport();
  const bare = {
    ...rest,
    state: 'running' as const,
    history: [],
    evaluations: [],
    rates: [],
    networks: [],
    pictures: [],
  };
  const page = await render({ ...bare, student: { name: 'Model' }, studentName: 'Model', step: 0 });
  expect(headings(page)).toEqual([]);
  expect(page).toContain('Training has begun, for 8 epochs');
  expect(slips(page)).toEqual([]);
});

it('says where a run stands', async () => {
  const report = await sampleReport({ epochs: 4 });
  const { keptEpoch: _, ...unselected } = report;
  expect(await render({ ...report, state: 'running', epochs: 10 })).toContain(
    'Training: 4 epochs of 10 done, about 12 s to go. The best so far, kept: epoch 4. Reload this page for news.',
  );
  expect(await render(report)).toContain('Finished after 4 epochs. The weights are those of epoch 4.');
  expect(await render({ ...unselected, state: 'early', reason: 'no better', epochs: 10 })).toContain(
    'Ended early, after 4 epochs of 10: no better. Pictures and tables are of epoch 4.',
  );
  expect(await render({ ...unselected, state: 'aborted', epochs: 10 })).toContain(
    'Stopped after 4 epochs of 10; it can',
  );
});

it('refers to nothing outside itself, and has no scripts', async () => {
  const page = await render(await sampleReport());
  expect(page).not.toMatch(/https?:|@import|url\(|<script|\son[a-z]+=/i);
  const references = [...page.matchAll(/\s(?:src|href|srcset|action)="([^"]*)"/g)].map(([, target]) => target!);
  expect(references.length).toBe(1 + 24);
  for (const target of references) expect(target).toMatch(/^data:/);
});

it('escapes all text from data', async () => {
  const attack = `<script>alert("1")</script>'`;
  const report = await sampleReport({ className: () => attack });
  const named = { name: attack, accuracy: 0.5, parameters: 5, msPerImage: 2 };
  const page = await render({
    ...report,
    title: attack,
    reason: attack,
    state: 'early',
    objective: attack,
    engine: attack,
    teacherNote: attack,
    networks: [named],
    baseline: { ...report.baseline, ...named },
    config: { [attack]: attack },
    evaluations: report.evaluations.map((entry) => ({ ...entry, [`eval_${attack}`]: 1 })),
    history: report.history.map((entry) => ({ ...entry, [`train_${attack}`]: 1 })),
  });
  expect(page).not.toContain('<script');
  expect(page).not.toContain('alert("1")');
  expect(unbalanced(page)).toEqual([]);
});

it('counts every sample once in the confusion matrix, and rows are labels', async () => {
  const report = await sampleReport({ samples: 100 });
  const { labels, logits } = report.answers!;
  const [, ...rows] = table(await render(report), 'Confusion matrix');
  const counts = rows.map((row) => row.slice(1, -1).map(Number));
  const predicted = predictions(logits, 100);
  for (const [label, row] of counts.entries()) {
    for (const [answer, count] of row.entries()) {
      expect(count).toBe([...labels.keys()].filter((i) => labels[i] === label && predicted[i] === answer).length);
    }
  }
  expect(counts.flat().reduce((a, b) => a + b)).toBe(100);
});

it('lists what is taken for what instead of a matrix of many classes', async () => {
  const page = await render(await sampleReport({ classes: 100, samples: 400 }));
  expect(page).not.toContain('class="numbers matrix"');
  expect(page.match(/taken for/g)).toHaveLength(12);
});

it('says who is right and who is wrong', async () => {
  // label 0 four times; the student is right on the 1st and 2nd, the teacher on the 1st and 3rd.
  const report = await sampleReport({ samples: 4, classes: 3 });
  const row = (answer: number): number[] => [0, 1, 2].map((c) => (c === answer ? 3 : 0));
  const answers = {
    ...report.answers!,
    labels: Int32Array.of(0, 0, 0, 0),
    logits: Float32Array.from([0, 0, 1, 2].flatMap(row)),
    teacherLogits: Float32Array.from([0, 1, 0, 2].flatMap(row)),
  };
  const page = await render({ ...report, answers });
  expect(table(page, 'Teacher, student and truth')).toEqual([
    ['', 'Teacher right', 'Teacher wrong'],
    ['Student right', '1 25.00%', '1 25.00%'],
    ['Student wrong', '1 25.00%', '1 25.00% 1 with the same answer'],
  ]);
  expect(page).toContain('Both give the same answer to 50.00% of the images');
  expect(page).toContain('They give different answers to 2 of 4 validation images:');
});

it('tests the difference to the baseline on the images that both have seen', async () => {
  const report = await sampleReport({ samples: 20, classes: 2 });
  const right = Float32Array.from({ length: 40 }, (_, i) => (report.answers!.labels[i >> 1] === i % 2 ? 1 : 0));
  const wrong = right.map((value) => -value);
  const ids = report.answers!.ids;
  const predictionsOf = (logits: Float32Array) => ({ logits, ids, classes: 2 });
  const page = await render({
    ...report,
    answers: { ...report.answers!, logits: right },
    // Ten of its ids are of other images.
    baseline: { ...report.baseline!, predictions: { ...predictionsOf(wrong), ids: ids.map((id) => Number(id) + 10) } },
  });
  // 10 of 10 and 0 of 10: 2 / 2^10.
  expect(page).toContain(
    'Of 10 images, 10 are classified right by the student only and 0 by Labels alone only: ' +
      'chance alone rarely makes such a difference (McNemar’s exact test, p = .002).',
  );
  const other = await render({
    ...report,
    baseline: { ...report.baseline!, predictions: { ...predictionsOf(wrong), ids: ids.map((id) => `${id}`) } },
  });
  expect(other).toContain('no validation image in common');
});

it('shows pictures of errors and contradictions with marks that are no colour', async () => {
  const page = await render(await sampleReport());
  expect(page.match(/<img class="picture"/g)).toHaveLength(24);
  expect(page.match(/✓<\/span> Teacher/g)!.length).toBeGreaterThan(3);
  expect(await render(await sampleReport(), 0)).not.toContain('<img');
});
