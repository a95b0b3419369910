import { expect, it } from 'vitest';
import type { NetworkKey, RunResults } from '../results.ts';
import { sampleResults } from './testing/sample-results.ts';
import { verdictOf } from './verdict.ts';

const errors = (student: number, scratch: number): Record<NetworkKey, number> => ({ teacher: 158, student, scratch });

async function withPValue(student: number, scratch: number, pValue: number): Promise<RunResults> {
  const results = await sampleResults({ errors: errors(student, scratch) });
  for (const comparison of results.seeds[0]!.comparisons) comparison.pValue = pValue;
  return results;
}

it.each([
  [120, 171, 0.001, 'The distilled student beats its twin trained from labels.'],
  [152, 171, 0.2, 'makes fewer errors than its twin trained from labels, but chance alone may explain that.'],
  [160, 160, 1, 'did not beat its twin trained from labels.'],
  [180, 171, 0.5, 'did not beat its twin trained from labels.'],
  [230, 171, 0.01, 'did not beat its twin trained from labels.'],
])('student %d, scratch %d, p = %d', async (student, scratch, pValue, text) => {
  expect(verdictOf(await withPValue(student, scratch, pValue))).toContain(text);
});

it('pairs the seeds of several', async () => {
  const results = await sampleResults({ seeds: 3 });
  for (const [i, { networks }] of results.seeds.entries()) {
    networks.find(({ key }) => key === 'student')!.test.errors = 150 + 30 * i;
    networks.find(({ key }) => key === 'scratch')!.test.errors = 160 + 30 * i + i;
  }
  // Seeds differ by 30 errors, the difference between the networks by 1.
  expect(verdictOf(results)).toBe(
    'The distilled student beats its twin trained from labels: 11.0 fewer errors on average over 3 seeds ' +
      '(95% interval: 8.5 fewer to 13.5 fewer).',
  );
});

it('does not call it a win where seeds contradict each other', async () => {
  const results = await sampleResults({ seeds: 2 });
  for (const [i, { networks }] of results.seeds.entries()) {
    networks.find(({ key }) => key === 'student')!.test.errors = i === 0 ? 120 : 180;
    networks.find(({ key }) => key === 'scratch')!.test.errors = 160;
  }
  expect(verdictOf(results)).toMatch(/did not beat .* beyond doubt: 10\.0 fewer .* more to .* fewer/);
});

it('says nothing where a network is missing', async () => {
  const results = await sampleResults();
  results.seeds[0]!.networks.pop();
  expect(verdictOf(results)).toBeUndefined();
});
