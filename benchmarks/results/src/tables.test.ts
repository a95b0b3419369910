// What docs/results says is what the runs kept there say.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keptRuns, RUNS, readKept } from './runs.ts';
import { pagesWithTables, withTables } from './tables.ts';

it.each(pagesWithTables())('the tables of %s are those of the runs', (page) => {
  const text = readFileSync(page, 'utf8');
  expect(withTables(text)).toBe(text);
});

it('names a run that is not there', () => {
  expect(() => withTables('<!-- results: nothing -->\n<!-- /results -->')).toThrow("no run 'nothing' is kept");
});

const isStudy = (name: string): boolean => readKept(name, 'comparison.json') !== undefined;

describe.each(keptRuns())('%s', (name) => {
  const read = (file: string): string => readFileSync(join(RUNS, name, file), 'utf8');

  it.skipIf(!isStudy(name))('has the accuracies that its predictions have', () => {
    const [header, ...images] = read('predictions.csv')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const { rows } = JSON.parse(read('comparison.json')) as {
      rows: { arm: string; seeds: number[]; values: number[] }[];
    };
    for (const { arm, seeds, values } of rows) {
      for (const [i, seed] of seeds.entries()) {
        const column = header!.indexOf(`${arm} ${seed}`);
        const right = images.filter((image) => image[1] === image[column]).length;
        expect(right / images.length, `${arm} ${seed}`).toBe(values[i]);
      }
    }
  });

  it('has no weights and no path of a machine', () => {
    const files = readdirSync(join(RUNS, name), { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    for (const { name: file, parentPath } of files) {
      expect(file).toMatch(/\.(json|jsonl|csv|svg)$/);
      expect(readFileSync(join(parentPath, file), 'utf8')).not.toMatch(/"\/\w/);
    }
  });
});
