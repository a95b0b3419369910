import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const example = fileURLToPath(new URL('../../', import.meta.url));
const main = fileURLToPath(new URL('../site/main.ts', import.meta.url));

/** Starts the example's program as a user in the folder `cwd` does; `watch` sees all of its output as it grows. */
function start(args: readonly string[], cwd: string, watch: (output: string) => void) {
  const child: ChildProcessWithoutNullStreams = spawn(
    process.execPath,
    ['--conditions=@kd/source', '--import', import.meta.resolve('tsx'), main, ...args],
    { cwd: example, env: { ...process.env, INIT_CWD: cwd } },
  );
  let output = '';
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    watch(output);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
  return { child, ended };
}

/** Runs the program to its end. */
export const runProgram = (args: readonly string[], cwd: string): Promise<{ code: number | null; output: string }> =>
  start(args, cwd, () => {}).ended;

/** Starts the server. @returns where the page is, and what ends the program */
export function servePage(args: readonly string[], cwd: string): Promise<{ url: string; stop: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const { child, ended } = start(['serve', ...args], cwd, (output) => {
      const url = /^ {2}(http:\/\/\S+)$/m.exec(output)?.[1];
      if (!url) return;
      const stop = async (): Promise<void> => {
        child.kill();
        await ended;
      };
      resolve({ url, stop });
    });
    ended.then(({ output }) => reject(new Error(`the program ended: ${output}`)), reject);
  });
}
