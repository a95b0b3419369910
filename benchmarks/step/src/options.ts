import { parseArgs } from 'node:util';
import { CASE_NAMES, type Case } from './cases.ts';
import { ENGINES } from './engines.ts';

export interface Options {
  cases: Case[];
  engines: string[];
  rounds: number;
  steps: number;
  json: boolean;
}

export const USAGE = `Usage: pnpm bench:step [options]

  --case <name>      ${CASE_NAMES.join(', ')}; may be given several times (all)
  --engine <name>    ${Object.keys(ENGINES).join(', ')}; may be given several times (all)
  --rounds <n>       each engine in turns (5)
  --steps <n>        steps of a round (4); of the MLP 25 times as many
  --json             one line of JSON in place of the tables

KD_PYTHON names a Python with torch and transformers.
`;

/** Flags of the command line; undefined if it asks for help. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    // pnpm hands on the `--` that stands before the flags.
    args: args.filter((arg) => arg !== '--'),
    options: {
      case: { type: 'string', multiple: true, default: [...CASE_NAMES] },
      engine: { type: 'string', multiple: true, default: Object.keys(ENGINES) },
      rounds: { type: 'string', default: '5' },
      steps: { type: 'string', default: '4' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  checkEach('--case', values.case, CASE_NAMES);
  checkEach('--engine', values.engine, Object.keys(ENGINES));
  const [rounds, steps] = [positive('--rounds', values.rounds), positive('--steps', values.steps)];
  return { cases: values.case as Case[], engines: values.engine, rounds, steps, json: values.json };
}

function checkEach(flag: string, values: readonly string[], allowed: readonly string[]): void {
  const wrong = values.find((value) => !allowed.includes(value));
  if (wrong !== undefined) throw new Error(`${flag} must be one of ${allowed.join(', ')}, got '${wrong}'`);
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${flag} must be a positive integer, got '${text}'`);
}
