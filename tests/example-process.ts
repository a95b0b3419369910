// Runs examples one after the other in a process of its own and tells the parent what each of them printed.
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import type { Outcome } from './run-examples.ts';

declare global {
  var __log: (line: number) => (...values: unknown[]) => void;
}

function send(outcome: Outcome): Promise<void> {
  return new Promise((resolve) => process.send!(outcome, () => resolve()));
}

/** Without the stack: vitest takes every `at …` that it finds in a message for a frame of the test's own. */
function failure(path: string, error: unknown): Outcome {
  const frame = error instanceof Error && error.stack?.split(basename(path))[1];
  const line = /^:(\d+)/.exec(frame || '')?.[1];
  return { error: String(error), ...(line && { line: Number(line) }) };
}

async function runAll(paths: string[]): Promise<void> {
  for (const path of paths) {
    const printed = new Map<number, string[]>();
    globalThis.__log =
      (line) =>
      (...values) => {
        printed.set(line, [...(printed.get(line) ?? []), format(...values)]);
      };
    try {
      await import(pathToFileURL(path).href);
      await send({ printed: [...printed].map(([line, texts]) => ({ line, text: texts.join(' ') })) });
    } catch (error) {
      await send(failure(path, error));
    }
  }
  process.exit(); // whatever an example has left running
}

process.on('message', (paths: string[]) => void runAll(paths));
process.on('disconnect', () => process.exit());
