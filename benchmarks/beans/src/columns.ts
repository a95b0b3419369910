import { fileURLToPath } from 'node:url';
import { RECIPE } from './turn.ts';

const ALL = RECIPE.train + RECIPE.validation;

interface Column {
  /** What it is, for the legend. */
  about: string;
  /** Epochs of a turn, the first of which is a warm-up: an epoch in which the teacher is asked is long enough by itself. */
  epochs: number;
  /** Images that the teacher is asked about once, where its answers are kept: Python's evaluation loss has them in it. */
  asked: number;
  program: 'trainer_twin.py' | 'worker.ts';
  flags: readonly string[];
}

/** The ways to run the recipe, by name. */
export const COLUMNS = {
  guide: { about: 'Python, as the guide writes it', epochs: 2, asked: 0, program: 'trainer_twin.py', flags: [] },
  cached: {
    about: "Python, the teacher's answers kept",
    epochs: 3,
    asked: ALL,
    program: 'trainer_twin.py',
    flags: ['--cached-logits'],
  },
  best: {
    about: "Python, the teacher's answers and prepared images kept in memory, channels_last",
    epochs: 5,
    asked: ALL,
    program: 'trainer_twin.py',
    flags: ['--cached-logits', '--in-memory', '--channels-last'],
  },
  kd: { about: 'distill() with onnxEngine()', epochs: 5, asked: RECIPE.train, program: 'worker.ts', flags: [] },
  'kd worker': {
    about: 'distill() with dataloaderNumWorkers: 1',
    epochs: 5,
    asked: RECIPE.train,
    program: 'worker.ts',
    flags: ['--workers', '1'],
  },
  'kd prepared': {
    about: 'distill() on images that processedDataset() has prepared',
    epochs: 5,
    asked: RECIPE.train,
    program: 'worker.ts',
    flags: ['--prepared'],
  },
} as const satisfies Record<string, Column>;

export type ColumnName = keyof typeof COLUMNS;

export const COLUMN_NAMES = Object.keys(COLUMNS) as ColumnName[];

export interface TurnOptions {
  /** The folder of the photographs. */
  beans: string;
  /** Steps of an epoch. */
  steps: number;
  /** Images of an evaluation. */
  validation: number;
  threads: number;
  epochs: number;
}

/** What runs a turn, and prints it as the last line. */
export function commandOf(name: ColumnName, options: TurnOptions): [command: string, args: string[]] {
  const { program, flags }: Column = COLUMNS[name];
  const file = fileURLToPath(new URL(program, import.meta.url));
  const args = [file, ...Object.entries(options).flatMap(([flag, value]) => [`--${flag}`, String(value)]), ...flags];
  if (program === 'trainer_twin.py') return [process.env.KD_PYTHON || 'python3', args];
  return [process.execPath, [...process.execArgv, ...args]];
}
