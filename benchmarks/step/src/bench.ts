/** Milliseconds and memory of one training step on each engine, in turns: see the README. */
import { describeMachine } from '@kd-bench/common';
import type { Case } from './cases.ts';
import { type Failed, type Measured, measure } from './measure.ts';
import { parseOptions, USAGE } from './options.ts';
import { formatResults } from './report.ts';

const options = parseOptions(process.argv.slice(2));
if (options) {
  const { cases, engines, rounds, steps, json } = options;
  const machine = describeMachine();
  const print = (text: string): void => (json ? undefined : console.log(text));

  print(
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load.toFixed(1)} at the start; other processors are unmeasured`,
  );
  print(`Each engine in a process of its own, ${rounds} rounds of ${steps} steps, in turns`);
  const results: { case: Case; engines: (Measured | Failed)[] }[] = [];
  for (const which of cases) {
    const measured = await measure(which, engines, { rounds, steps, threads: machine.cores });
    results.push({ case: which, engines: measured });
    print(`\n${formatResults(which, measured)}`);
  }
  const loadAtEnd = describeMachine().load;
  print(`\nLoad ${loadAtEnd.toFixed(1)} at the end.`);
  if (json) console.log(JSON.stringify({ machine, loadAtEnd, rounds, steps, results }));
} else {
  console.log(USAGE);
}
