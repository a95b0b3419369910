import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Task } from './cases.ts';

/** Python's side of the comparison, in a process that waits for its turns. */
export interface Python {
  imagesPerSecond(ask: { case: Task; workers: number; batch: number; images: number }): Promise<number>;
  stop(): void;
}

const SCRIPT = fileURLToPath(new URL('torch_data.py', import.meta.url));

/** Starts it; if that fails, why. */
export async function startPython(parquet: string): Promise<Python | { missing: string }> {
  const command = process.env.KD_PYTHON ?? 'python3';
  const child: ChildProcessWithoutNullStreams = spawn(command, [SCRIPT, parquet]);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2000);
  });
  const ended = new Promise<undefined>((resolve) => {
    child.on('exit', () => resolve(undefined));
    child.on('error', ({ message }) => {
      errors += message;
      resolve(undefined);
    });
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const python: Python = {
    async imagesPerSecond(ask) {
      child.stdin.write(`${JSON.stringify(ask)}\n`);
      const line = await Promise.race([lines.next(), ended]);
      if (!line || line.done) throw new Error(`${command} ended: ${errors.trim().split('\n').at(-1)}`);
      const { count, seconds } = JSON.parse(line.value) as { count: number; seconds: number };
      return count / seconds;
    },
    stop: () => child.stdin.end(),
  };
  child.stdin.on('error', () => {}); // it has ended, and says why on stderr
  try {
    await python.imagesPerSecond({ case: 'mnist', workers: 0, batch: 8, images: 8 });
    return python;
  } catch (error) {
    return { missing: (error as Error).message };
  }
}
