/** What the training loop costs beside its steps: see the README. `npm run bench:train` */
import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMachine, formatTable, median } from '@kd-bench/common';
import { CASES } from './cases.ts';
import { measureLoop, VARIANTS } from './measure.ts';
import { parseOptions, USAGE } from './options.ts';

const options = parseOptions(process.argv.slice(2));
if (options) {
  const { rounds, steps, json } = options;
  const { cpu, cores, node, load } = describeMachine();
  const folder = await mkdtemp(join(tmpdir(), 'kd bench train '));
  const results: { case: string; variant: string; ms: number[] }[] = [];
  try {
    for (const [name, each] of Object.entries(CASES)) {
      for (const variant of VARIANTS) results.push({ case: name, variant, ms: [] });
      for (let round = 0; round < rounds; round++) {
        for (const variant of VARIANTS) {
          const result = results.find((other) => other.case === name && other.variant === variant)!;
          result.ms.push(await measureLoop(each, variant, steps, join(folder, `${name} ${round} ${variant}`)));
        }
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const loadAtEnd = describeMachine().load;
  if (json) console.log(JSON.stringify({ cpu, cores, node, load, loadAtEnd, rounds, steps, results }));
  else {
    console.log(
      `${cpu}, ${cores} cores, Node ${node}, load ${load.toFixed(1)} at the start, ${loadAtEnd.toFixed(1)} at the end`,
    );
    console.log(`Milliseconds a step with an engine that does nothing, ${rounds} rounds of ${steps} steps`);
    for (const [name, { title }] of Object.entries(CASES)) {
      const rows = results
        .filter((result) => result.case === name)
        .map(({ variant, ms }) => [variant, Math.min(...ms).toFixed(3), median(ms).toFixed(3)]);
      console.log(`\n${title}\n${formatTable(['the loop', 'min', 'median'], rows)}`);
    }
  }
} else console.log(USAGE);
