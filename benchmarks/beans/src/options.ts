import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { givenPath } from '@kd-bench/common';
import { COLUMN_NAMES, COLUMNS, type ColumnName } from './columns.ts';
import { RECIPE } from './turn.ts';

export const USAGE = `Seconds for each phase of the guide's recipe on beans, ours and Python's, in turns.

  --beans <folder>    with train/, validation/ and test/, a folder for each class in them
  --only <column>     one of ${COLUMN_NAMES.join(', ')}; may be given more than once (all)
  --rounds <n>        turns of each; 0 prints what --results has (3)
  --steps <n>         of an epoch of a turn, 8 images each, at most ${Math.floor(RECIPE.train / RECIPE.batchSize)} (12)
  --validation <n>    images of an evaluation, at most ${RECIPE.validation} (40)
  --results <file>    JSON that turns are added to, so that a run can be made in parts

${COLUMN_NAMES.map((name) => `  ${name.padEnd(8)}${COLUMNS[name].about}`).join('\n')}

KD_PYTHON is a Python with requirements.txt (python3).`;

export interface Options {
  beans: string;
  only: ColumnName[];
  rounds: number;
  steps: number;
  validation: number;
  results: string | undefined;
}

function integer(flag: string, text: string, [low, high]: readonly [number, number]): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= low && value <= high) return value;
  throw new Error(`${flag} must be an integer in [${low}, ${high}], got '${text}'`);
}

/** @returns undefined for --help */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'), // pnpm hands it on
    options: {
      beans: { type: 'string' },
      only: { type: 'string', multiple: true, default: COLUMN_NAMES },
      rounds: { type: 'string', default: '3' },
      steps: { type: 'string', default: '12' },
      validation: { type: 'string', default: '40' },
      results: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const unknown = values.only.find((name) => !(name in COLUMNS));
  if (unknown !== undefined) throw new Error(`--only must be one of ${COLUMN_NAMES.join(', ')}, got '${unknown}'`);
  const beans = givenPath(values.beans ?? '');
  if (!existsSync(join(beans, 'train'))) throw new Error(`--beans must be a folder with train/ in it, got '${beans}'`);
  return {
    beans,
    only: COLUMN_NAMES.filter((name) => values.only.includes(name)),
    rounds: integer('--rounds', values.rounds, [0, 1000]),
    steps: integer('--steps', values.steps, [1, Math.floor(RECIPE.train / RECIPE.batchSize)]),
    validation: integer('--validation', values.validation, [1, RECIPE.validation]),
    results: values.results === undefined ? undefined : givenPath(values.results),
  };
}
