import { parseArgs } from 'node:util';

export const USAGE = `Milliseconds that the training loop itself takes for a step.

  --rounds <n>   how often each case runs, the median counts (5)
  --steps <n>    steps of a round (2000)
  --json         results as JSON`;

export interface Options {
  rounds: number;
  steps: number;
  json: boolean;
}

/** @returns undefined for --help */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      rounds: { type: 'string', default: '5' },
      steps: { type: 'string', default: '2000' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const count = (name: 'rounds' | 'steps'): number => {
    const number = Number(values[name]);
    if (Number.isInteger(number) && number > 0) return number;
    throw new Error(`--${name} must be a positive integer, got '${values[name]}'`);
  };
  return { rounds: count('rounds'), steps: count('steps'), json: values.json };
}
