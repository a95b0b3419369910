// npm run results                                     writes the tables of docs/results anew, from the runs that are kept there
// npm run results -- keep <run folder> <name> [from=to …]   keeps a run: config, metrics and predictions, no weights and no images
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { givenPath } from '@kd-bench/common';
import { keepRun } from './keep-run.ts';
import { RUNS } from './runs.ts';
import { pagesWithTables, withTables } from './tables.ts';

const [command, folder, name, ...rewrites] = process.argv.slice(2);
if (command === 'keep' && folder && name)
  console.log(`${keepRun(givenPath(folder), join(RUNS, name), rewrites)} files in ${name}`);
else if (command) throw new Error('npm run results, or npm run results -- keep <run folder> <name> [from=to …]');

for (const page of pagesWithTables()) {
  const before = readFileSync(page, 'utf8');
  const after = withTables(before);
  if (after !== before) console.log(`wrote ${page}`);
  writeFileSync(page, after);
}
