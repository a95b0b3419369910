// Builds the page and serves it. `npm start -- --help` tells the options.
import { join, relative } from 'node:path';
import { KdError } from '@kd/core';
import { preview } from 'vite';
import { newestRun } from './newest-run.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { EXAMPLE, writePage } from './write-page.ts';

/** The folder in which the user typed the command; npm changes it. */
const cwd = process.env.INIT_CWD ?? process.cwd();

const say = (line: string): void => console.log(line);

async function run({ command, port, out = join(EXAMPLE, 'dist'), ...options }: Options): Promise<void> {
  const run = options.run ?? (command === 'serve' ? await newestRun(cwd) : undefined);
  const { files } = await writePage(out, { ...options, ...(run === undefined ? {} : { run }) });
  const shown = relative(cwd, out) || '.';
  if (run) say(`The page in ${shown} has the networks of ${relative(cwd, run) || '.'} (${files.length} files).`);
  else say(`The page in ${shown} has no networks: choose a folder in it, or make a run and name it: --run <folder>`);
  if (command === 'write') return;
  const server = await preview({
    configFile: false,
    root: EXAMPLE,
    appType: 'mpa', // what is not there is not there
    logLevel: 'warn',
    build: { outDir: out },
    preview: { port },
  });
  say(`\n  ${server.resolvedUrls?.local[0]}\n\nCtrl-C ends it.`);
}

try {
  const options = parseOptions(process.argv.slice(2), cwd);
  if (options) await run(options);
  else say(HELP);
} catch (error) {
  if (!KdError.isInstance(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
