import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Print } from './doc-examples.ts';

/** What became of one example: what it printed, or why it failed. */
export interface Outcome {
  printed?: Print[];
  error?: string;
  /** Of the example's code, where it failed. */
  line?: number;
}

const LIMIT = 60_000; // an example may train for up to 30 s, here beside other tests
const require = createRequire(import.meta.url);
const tsx = pathToFileURL(require.resolve('tsx')).href;
const child = new URL('./example-process.ts', import.meta.url);
const tsconfig = fileURLToPath(new URL('./tsconfig.json', import.meta.url));

/** The end of what a process wrote to stderr, without stacks (vitest takes them for its own) and minified code. */
function readable(errors: string): string {
  const lines = errors.split('\n').filter((line) => line.length < 300 && !/^\s*at /.test(line));
  return lines.slice(-10).join('\n');
}

/** Runs examples in one process until all are done or one of them ends or hangs it. Returns the outcomes so far. */
function runOnce(paths: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Outcome[]> {
  return new Promise((resolve, reject) => {
    const outcomes: Outcome[] = [];
    const worker = fork(child, [], {
      cwd,
      execArgv: ['--conditions=@kd/source', '--import', tsx],
      env: { ...process.env, ...env, TSX_TSCONFIG_PATH: tsconfig },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let why = 'ended the process';
    let errors = '';
    const hang = setTimeout(() => {
      why = `did not finish within ${LIMIT / 1000} s`;
      worker.kill('SIGKILL');
    }, LIMIT);
    worker.stderr!.on('data', (text) => {
      errors += text;
    });
    worker.on('message', (outcome: Outcome) => {
      outcomes.push(outcome);
      hang.refresh();
    });
    worker.on('error', reject);
    worker.on('close', () => {
      clearTimeout(hang);
      if (outcomes.length < paths.length) outcomes.push({ error: `${why}\n${readable(errors)}`.trim() });
      resolve(outcomes);
    });
    worker.send(paths);
  });
}

/** Runs examples in as few processes as possible: one example cannot take the others down with it. */
export async function runExamples(
  paths: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < paths.length) outcomes.push(...(await runOnce(paths.slice(outcomes.length), cwd, env)));
  return outcomes;
}
