import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that measures: it says `ready`, then answers each line with one line of JSON. */
export interface Runner<Answer> {
  ask: (line: string | number) => Promise<Answer>;
  stop: () => void;
}

/**
 * Starts a measuring process.
 *
 * @throws with the last thing it said if it ends before it is stopped
 */
export async function startRunner<Answer>(command: string, args: readonly string[]): Promise<Runner<Answer>> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-4000);
  });
  const ended = new Promise<never>((_, reject) => {
    const fail = () => reject(new Error(lastLine(complaint) || `${command} ended`));
    child.on('error', (error) => reject(error));
    child.on('close', fail);
  });
  ended.catch(() => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const { value, done } = await Promise.race([lines.next(), ended]);
    return done ? ended : value;
  };
  await answer(); // it is ready
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`);
      return JSON.parse(await answer()) as Answer;
    },
    stop: () => child.stdin.end(),
  };
}

/** Errors of Node and Python end with a trace or begin with one: the line that names the error. */
function lastLine(text: string): string {
  const lines = text.trim().split('\n');
  return (lines.reverse().find((line) => /^\s*(\w*Error|\w+Exception)\b/.test(line)) ?? lines[0] ?? '').trim();
}
