import { describe, expect, it } from 'vitest';
import { renderReport } from './report.ts';
import { sampleResults } from './testing/sample-results.ts';

const HEADINGS = [
  'The networks in numbers',
  'What the networks see',
  'What the teacher tells that the label does not',
  'How they learned',
  'What accuracy costs',
  'Where teacher and student disagree',
  'Settings',
];

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

describe('every variant', () => {
  it.each([
    ['one seed', {}],
    ['one epoch', { epochs: 1 }],
    ['a hundred epochs', { epochs: 100 }],
    ['several seeds', { seeds: 5 }],
    ['no disagreements', { disagreements: 0 }],
    ['few disagreements', { disagreements: 2 }],
    ['an omitted digit', { omitDigit: 3 }],
    ['an omitted digit, several seeds', { omitDigit: 0, seeds: 2 }],
    ['equal networks', { errors: { teacher: 0, scratch: 0, student: 0 } }],
  ])('%s', async (_, options) => {
    const page = await renderReport(await sampleResults(options));
    const places = HEADINGS.map((heading) => page.indexOf(`<h2>${heading}</h2>`));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });
});

it('refers to nothing outside itself', async () => {
  const page = await renderReport(await sampleResults({ epochs: 20, seeds: 2, omitDigit: 3 }));
  expect(page).not.toMatch(/https?:|@import|url\(|<script|\son[a-z]+=/i);
  const references = [...page.matchAll(/\s(?:src|href|srcset|action)="([^"]*)"/g)].map(([, target]) => target!);
  expect(references.length).toBeGreaterThan(4 + 1 + 24);
  for (const target of references) expect(target).toMatch(/^(data:|#)/);
});

it('escapes all text from data', async () => {
  const attack = `<script>alert("1")</script>'`;
  const results = await sampleResults({ classNames: Array.from({ length: 10 }, () => attack), omitDigit: 2 });
  results.command = attack;
  results.startedAt = attack;
  results.backend.summary = attack;
  results.machine.cpu = attack;
  results.dataset.name = attack;
  results.config.dataset = attack;
  for (const network of results.seeds[0]!.networks) network.label = attack;
  for (const comparison of results.seeds[0]!.comparisons) comparison.sentence = attack;
  const page = await renderReport(results);
  expect(page).not.toContain('<script');
  expect(page).not.toContain('alert("1")');
  expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;');
  expect(unbalanced(page)).toEqual([]);
});

it('says the result in one sentence, and to how many images', async () => {
  const page = await renderReport(await sampleResults());
  expect(page).toContain(
    'The distilled 800\u2011800 student makes 152 errors on 10,000 test images; ' +
      'the same network trained from labels alone makes 171; its teacher 158.',
  );
});

it('says so where the student did not win', async () => {
  const page = await renderReport(await sampleResults({ errors: { teacher: 158, scratch: 150, student: 152 } }));
  expect(page).toContain('The distilled student did not beat its twin trained from labels');
});

it('gives mean and interval of several seeds', async () => {
  const results = await sampleResults({ seeds: 3 });
  for (const [i, { networks }] of results.seeds.entries()) networks[2]!.test.errors = 150 + i;
  const page = await renderReport(results);
  expect(page).toContain('151.0<small class="interval"> ±\u00a02.5</small>');
  expect(page).toContain('seeds 42, 43, 44');
});

it('shows a disagreement with marks that are no colour', async () => {
  const page = await renderReport(await sampleResults({ disagreements: 76 }));
  expect(page).toContain('They give different answers to 76 of 10,000 test images; 24 of them:');
  expect(page.match(/✓<\/span> (Teacher|Student)/g)).toHaveLength(24);
  expect(page.match(/✗<\/span> (Teacher|Student)/g)).toHaveLength(24);
});

it('says when there is no disagreement', async () => {
  expect(await renderReport(await sampleResults({ disagreements: 0 }))).toContain('Nowhere: both give the same answer');
});

it('shows the omitted digit before and after its bias was raised', async () => {
  const page = await renderReport(await sampleResults({ omitDigit: 3 }));
  expect(page).toContain('<h2>The student that never saw a 3</h2>');
  expect(page).toMatch(/As trained<\/th><td>206<\/td><td>133<\/td>/);
  expect(page).toMatch(/raised by 3\.50<\/th><td>109<\/td><td>14<\/td>/);
});

it('draws no curve of a teacher that was loaded without history', async () => {
  const results = await sampleResults();
  results.seeds[0]!.networks[0]!.loaded = true;
  results.seeds[0]!.networks[0]!.history = [];
  const page = await renderReport(results);
  expect(page).toContain('<td>loaded</td>');
  expect(page).not.toContain('Teacher, validation');
});

it('renders what comes back from results.json', async () => {
  const results = await sampleResults();
  results.seeds[0]!.networks[0]!.imagesPerSecond = Number.NaN;
  expect(await renderReport(JSON.parse(JSON.stringify(results)))).toBe(await renderReport(results));
});

it('warns of what makes the numbers mean less', async () => {
  const results = await sampleResults();
  expect(await renderReport(results)).not.toContain('class="warning"');
  results.config.sanityCheck = true;
  results.dataset.validationIsTest = true;
  const page = await renderReport(results);
  expect(page).toContain('its numbers mean nothing');
  expect(page).toContain('The test images also served for validation');
});
