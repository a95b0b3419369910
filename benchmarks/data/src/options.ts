import { parseArgs } from 'node:util';
import { KdError } from '@kd/core';
import { givenPath } from '@kd-bench/common';

export interface Options {
  /** A folder with the Parquet files of beans. */
  beans: string | undefined;
  /** Images of each case of beans. */
  images: number;
  rounds: number;
  json: boolean;
}

export const USAGE = `Usage: pnpm bench:data [options]

  --beans <folder>   with train-*.parquet of AI-Lab-Makerere/beans (from the Hub's cache, or downloaded)
  --images <n>       of beans, in each case (512)
  --rounds <n>       of all cases, in turns (3)
  --json             one line of JSON in place of the tables

KD_PYTHON is a Python with torch, torchvision, transformers and datasets (python3); without one, its rows are left out.
`;

function integer(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new KdError('INVALID_ARGUMENT', `${flag} must be a positive integer, got '${text}'`);
}

/** Flags of the command line; undefined if it asks for help. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    // pnpm hands on the `--` that stands before the flags.
    args: args.filter((arg) => arg !== '--'),
    options: {
      beans: { type: 'string' },
      images: { type: 'string', default: '512' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    beans: values.beans === undefined ? undefined : givenPath(values.beans),
    images: integer('--images', values.images),
    rounds: integer('--rounds', values.rounds),
    json: values.json,
  };
}
