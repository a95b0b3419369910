import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KdError } from '@kd/core';

export const HELP = `Builds a static page that shows a distilled student beside its teacher, and serves it.

  npm start                          the newest run of the MNIST example
  npm start -- --run <folder>        another run: it has student/ in it, and maybe teacher/
  npm run page -- --run <folder>     builds the page and does not serve it: put the folder on any web server

  --run <folder>       the run whose networks go into the page (default of npm start: the newest of runs/mnist-mlp)
  --teacher <folder>   the teacher, where it is not in the run: a run of distill() keeps its answers alone
  --samples <folder>   images to try (default: the run's samples/)
  --out <folder>       where the page goes (default: dist/ of the example)
  --port <n>           of npm start (default 4173, or the next one that is free)
  --help               this text

Without a run the page is empty, and a visitor chooses a folder in it.
`;

export interface Options {
  command: 'serve' | 'write';
  run?: string;
  teacher?: string;
  samples?: string;
  out?: string;
  port: number;
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    run: text,
    teacher: text,
    samples: text,
    out: text,
    port: text,
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    const [message] = (cause as Error).message.split('. ');
    throw new KdError('INVALID_ARGUMENT', `${message}; --help shows the options`, {}, { cause });
  }
}

/**
 * Reads the command line.
 *
 * @param cwd folder that relative paths start from
 * @returns undefined if help is asked for
 * @throws {KdError} INVALID_ARGUMENT for anything it does not understand
 */
export function parseOptions(args: readonly string[], cwd: string): Options | undefined {
  const { values, positionals } = parse(args);
  const [command, ...rest] = positionals;
  if (values.help) return undefined;
  if ((command !== 'serve' && command !== 'write') || rest.length > 0) {
    throw new KdError('INVALID_ARGUMENT', `'${positionals.join(' ')}' is not a command; --help shows the options`);
  }
  const port = Number(values.port ?? 4173);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new KdError('INVALID_ARGUMENT', `--port must be a whole number from 1 to 65535, got '${values.port}'`);
  }
  const paths = (['run', 'teacher', 'samples', 'out'] as const).flatMap((name) => {
    const path = values[name];
    return path === undefined ? [] : [[name, isAbsolute(path) ? path : resolve(cwd, path)]];
  });
  return { command, port, ...Object.fromEntries(paths) };
}
