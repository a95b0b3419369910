/** Seconds for each phase of the guide's recipe, ours and Python's, in turns: see the README. `npm run bench:beans` */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describeMachine } from '@kd-bench/common';
import { COLUMNS, type ColumnName } from './columns.ts';
import { parseOptions, USAGE } from './options.ts';
import { formatResults } from './report.ts';
import { takeTurn, type WatchedTurn } from './take-turn.ts';
import { RECIPE } from './turn.ts';

type Results = Partial<Record<ColumnName, WatchedTurn[]>>;

const options = parseOptions(process.argv.slice(2));
if (options) {
  const { only, rounds, results: file, ...recipe } = options;
  const { cpu, cores, node, load } = describeMachine();
  const results: Results = file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const failed = new Map<ColumnName, string>();
  for (let round = 0; round < rounds; round++) {
    for (const name of only.filter((each) => !failed.has(each))) {
      try {
        const turn = await takeTurn(name, { ...recipe, threads: cores, epochs: COLUMNS[name].epochs });
        results[name] = [...(results[name] ?? []), turn];
        if (file) writeFileSync(file, JSON.stringify(results)); // a run that is stopped keeps what it has
      } catch (error) {
        failed.set(name, (error as Error).message);
      }
    }
  }
  console.log(`${cpu}, ${cores} cores, Node ${node}, load ${load.toFixed(1)} at the start`);
  console.log(`Scaled to ${RECIPE.train} and ${RECIPE.validation} images, and to ${RECIPE.epochs} epochs\n`);
  console.log(formatResults(results));
  for (const [name, reason] of failed) console.log(`${name}: not run: ${reason}`);
} else console.log(USAGE);
