/** Milliseconds per step of the MNIST recipe, in parts, and ratios against baselines of the same run: see the README. */
import { loadMnist } from '@kd/data/node';
import { describeMachine } from '@kd-bench/common';
import { openBackend } from './backend.ts';
import { measure, type Result } from './measure.ts';
import { createNetworks } from './networks.ts';
import { parseOptions, USAGE } from './options.ts';
import { formatResult } from './report.ts';

const ROUNDS = 5;

const options = parseOptions(process.argv.slice(2));
if (options) {
  const { batchSizes, steps, json } = options;
  const backend = await openBackend(options.backend);
  const { train, test } = await loadMnist();
  const networks = createNetworks(train.classNames);
  const rounds = Math.min(ROUNDS, steps);
  const stepsPerRound = Math.ceil(steps / rounds);
  const machine = describeMachine();
  const print = (text: string): void => (json ? undefined : console.log(text));

  print(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load.toFixed(1)} at the start`);
  print(`MNIST on ${options.backend}; each case ${rounds} rounds of ${stepsPerRound} steps, in turns`);
  const results: Result[] = [];
  for (const batchSize of batchSizes) {
    const result = await measure({ backend, networks, train, test, batchSize, rounds, stepsPerRound });
    results.push(result);
    print(`\n${formatResult(result)}`);
  }
  const loadAtEnd = describeMachine().load;
  print(`\nLoad ${loadAtEnd.toFixed(1)} at the end.`);
  if (json)
    console.log(JSON.stringify({ machine, loadAtEnd, backend: options.backend, rounds, stepsPerRound, results }));
} else {
  console.log(USAGE);
}
