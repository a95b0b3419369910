// Distils an MLP on MNIST, as Hinton, Vinyals and Dean did in 2015. `npm start -- --help` tells the options.
import { access } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { KdError } from '@kd/core';
import { interruptSignal } from '@kd/train/node';
import * as tf from '@tensorflow/tfjs-core';
import { loadData } from './data.ts';
import { clock } from './format.ts';
import { HELP, OPTIONS, parseCommand } from './options.ts';
import { predict } from './predict.ts';
import { openFolder, readConfig, run } from './run.ts';
import { summary } from './summary.ts';
import { createScreen } from './terminal.ts';
import { Stopped } from './train-network.ts';

const SIGINT_STATUS = 130;

/** The folder in which the user typed the command; npm changes it. */
const cwd = process.env.INIT_CWD ?? process.cwd();
const screen = createScreen(process.stdout);

/** As short as it can be written and still be found from where the user is. */
function shown(path: string): string {
  const short = relative(cwd, path);
  return quoted(short.length < path.length ? short : path);
}

/** Quoted where a shell would split it. */
function quoted(argument: string): string {
  return /^[\w./=:@-]+$/.test(argument) ? argument : `"${argument}"`;
}

/** runs/mnist-mlp/<preset>, or the first of -2, -3 … that is free. */
async function freeFolder(preset: string): Promise<string> {
  for (let n = 1; ; n++) {
    const folder = resolve(cwd, 'runs', 'mnist-mlp', n === 1 ? preset : `${preset}-${n}`);
    const taken = await access(folder).then(
      () => true,
      () => false,
    );
    if (!taken) return folder;
  }
}

/** npm takes options before a -- for itself and says nothing; the user meant us. */
function checkSwallowed(): void {
  const swallowed = OPTIONS.filter((name) => process.env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined);
  if (swallowed.length === 0) return;
  throw new KdError(
    'INVALID_ARGUMENT',
    `npm took --${swallowed.join(', --')} for itself; put a -- before the options: npm start -- --help`,
  );
}

async function main(args: string[]): Promise<number> {
  checkSwallowed();
  const command = parseCommand(args, cwd);
  switch (command.kind) {
    case 'help':
      screen.print(HELP);
      return 0;
    case 'predict':
      screen.print(await predict(command.model, command.image));
      return 0;
  }
  const config = command.kind === 'resume' ? await readConfig(command.folder) : command.config;
  const folder = command.kind === 'resume' ? command.folder : (command.out ?? (await freeFolder(config.preset)));
  const data = await loadData(config); // before the folder is made: bad data leaves nothing behind
  if (command.kind === 'run') {
    config.command = `npm start${args.length > 0 ? ` -- ${args.map(quoted).join(' ')}` : ''}`;
    await openFolder(folder, config);
  }
  screen.print(`Preset '${config.preset}', results in ${shown(folder)}`);
  const stopping = '\nStopping after this step and saving (once more: stop at once) …';
  const signal = interruptSignal(() => screen.print(stopping));
  try {
    const { results, sample } = await run(config, data, folder, screen, signal);
    const first = config.seeds > 1 ? `seed-${config.seed}` : '';
    const student = shown(join(folder, first, 'student'));
    screen.print(`\n${summary(results)}

Done in ${clock(results.seconds)}.
  Report     ${shown(join(folder, 'report.html'))}  (open it in a browser)
  Models     ${student}, and beside it teacher and scratch (labels alone): TF.js LayersModels
  Metrics    ${shown(join(folder, first, 'metrics.jsonl'))}
Next
  npm start -- predict ${student} ${shown(join(folder, sample))}
  ${config.sanityCheck ? 'npm start' : 'npm start -- --preset corrected  (hours)'}
  npm start -- --help`);
    return 0;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    screen.print(
      `\nStopped; everything up to this step is saved. Go on with\n  npm start -- --resume ${shown(folder)}`,
    );
    return SIGINT_STATUS;
  }
}

tf.enableProdMode(); // no greeting of TF.js
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!KdError.isInstance(error)) throw error;
  screen.print(`\n${error.message}`);
  process.exitCode = 1;
}
