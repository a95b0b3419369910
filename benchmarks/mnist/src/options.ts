import { parseArgs } from 'node:util';
import { BACKENDS, type BackendName } from '@kd/backend/node';
import { KdError } from '@kd/core';

export interface Options {
  batchSizes: number[];
  /** Measured steps of each case. */
  steps: number;
  backend: BackendName;
  json: boolean;
}

export const USAGE = `Usage: pnpm bench:mnist [options]

  --batch-size <n>   images in a step; may be given several times (64 and 128)
  --steps <n>        measured steps of each case, in 5 rounds (30)
  --backend <name>   ${BACKENDS.join(', ')} (wasm)
  --json             one line of JSON in place of the tables
`;

/** Flags of the command line; undefined if it asks for help. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    // pnpm hands on the `--` that stands before the flags.
    args: args.filter((arg) => arg !== '--'),
    options: {
      'batch-size': { type: 'string', multiple: true, default: ['64', '128'] },
      steps: { type: 'string', default: '30' },
      backend: { type: 'string', default: 'wasm' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  if (!(BACKENDS as readonly string[]).includes(values.backend)) {
    throw new KdError('INVALID_ARGUMENT', `--backend must be one of ${BACKENDS.join(', ')}, got '${values.backend}'`);
  }
  return {
    // One image has no variance for batch-norm to divide by; of more than 10 000 MNIST does not hold enough batches.
    batchSizes: values['batch-size'].map((text) => parseInteger('--batch-size', text, [2, 10_000])),
    steps: parseInteger('--steps', values.steps, [1, 1000]),
    backend: values.backend as BackendName,
    json: values.json,
  };
}

function parseInteger(flag: string, text: string, [least, most]: [number, number]): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new KdError('INVALID_ARGUMENT', `${flag} must be an integer in [${least}, ${most}], got '${text}'`);
}
