import { parseArgs } from 'node:util';
import { BACKENDS, type BackendName } from '@kd/backend/node';
import { KdError } from '@kd/core';

export interface Options {
  backends: BackendName[];
  rounds: number;
  /** Names of the losses to time; all if there is none. */
  losses: string[];
  json: boolean;
}

export const USAGE = `Usage: pnpm bench:losses [options]

  --backend <name>   ${BACKENDS.join(', ')}; may be given several times (cpu and wasm)
  --loss <name>      only this one; may be given several times
  --rounds <n>       measurements of each loss (7)
  --json             one line of JSON in place of the tables
`;

/** Flags of the command line; undefined if it asks for help. */
export function parseOptions(args: readonly string[], names: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    // pnpm hands on the `--` that stands before the flags.
    args: args.filter((arg) => arg !== '--'),
    options: {
      backend: { type: 'string', multiple: true, default: ['cpu', 'wasm'] },
      loss: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '7' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  checkEach('--backend', values.backend, BACKENDS);
  checkEach('--loss', values.loss, names);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new KdError('INVALID_ARGUMENT', `--rounds must be a positive integer, got '${values.rounds}'`);
  }
  return { backends: values.backend as BackendName[], rounds, losses: values.loss, json: values.json };
}

function checkEach(flag: string, values: readonly string[], allowed: readonly string[]): void {
  const wrong = values.find((value) => !allowed.includes(value));
  if (wrong !== undefined) {
    throw new KdError('INVALID_ARGUMENT', `${flag} must be one of ${allowed.join(', ')}, got '${wrong}'`);
  }
}
