/** Milliseconds for an image through each model on each engine, in turns: see the README. */
import { parseArgs } from 'node:util';
import { describeMachine } from '@kd-bench/common';
import { ENGINES, type Engine, type Failed, type Measured, measure } from './measure.ts';
import { MODEL_NAMES, type ModelName } from './models.ts';
import { formatResults } from './report.ts';

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'), // pnpm hands it on
  options: {
    model: { type: 'string', multiple: true, default: MODEL_NAMES },
    engine: { type: 'string', multiple: true, default: [...ENGINES] },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});

function checked<T extends string>(flag: string, given: readonly string[], allowed: readonly T[]): T[] {
  const wrong = given.find((value) => !(allowed as readonly string[]).includes(value));
  if (wrong !== undefined) throw new Error(`${flag} must be one of ${allowed.join(', ')}, got '${wrong}'`);
  return given as T[];
}

const models: ModelName[] = checked('--model', values.model, MODEL_NAMES);
const engines: Engine[] = checked('--engine', values.engine, ENGINES);
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error(`--rounds must be a whole number > 0, got '${values.rounds}'`);

const machine = describeMachine();
const print = (text: string): void => (values.json ? undefined : console.log(text));
print(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load.toFixed(1)} at the start`);
print(`Milliseconds for an image, median of ${rounds} rounds of a second`);
const results: Partial<Record<ModelName, (Measured | Failed)[]>> = {};
for (const model of models) {
  const measured = await measure(model, engines, { rounds, threads: machine.cores });
  results[model] = measured;
  print(`\n${formatResults(model, measured)}`);
}
const loadAtEnd = describeMachine().load;
print(`\nLoad ${loadAtEnd.toFixed(1)} at the end.`);
if (values.json) console.log(JSON.stringify({ machine, loadAtEnd, rounds, results }));
