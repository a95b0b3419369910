import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BackendName } from '@kd/backend/node';
import type { Kind } from './networks.ts';
import type { Case } from './training.ts';

interface TfjsEngine {
  backend: BackendName;
  kind: Kind;
  /** With what `@kd/backend` registers. */
  complete: boolean;
  cases: readonly Case[];
}

interface TorchEngine {
  channelsLast: boolean;
  cases: readonly Case[];
}

const BOTH = ['mobilenetv2', 'mlp'] as const;

/** What is compared, by name: the same networks and batches on each. */
export const ENGINES: Readonly<Record<string, TfjsEngine | TorchEngine>> = {
  pytorch: { channelsLast: false, cases: BOTH },
  'pytorch channels_last': { channelsLast: true, cases: ['mobilenetv2'] },
  tensorflow: { backend: 'tfjs-node', kind: 'ops', complete: true, cases: BOTH },
  'tensorflow stock': { backend: 'tfjs-node', kind: 'stock', complete: false, cases: BOTH },
  wasm: { backend: 'wasm', kind: 'ops', complete: true, cases: BOTH },
  cpu: { backend: 'cpu', kind: 'ops', complete: false, cases: ['mlp'] }, // MobileNetV2 takes minutes a step
};

/** Times of some steps, and the most memory that the process has ever used. */
interface Times {
  ms: number[];
  megabytes: number;
}

/** A process that trains one network on one engine. */
export interface Runner {
  run: (steps: number) => Promise<Times>;
  stop: () => void;
}

function commandOf(name: string, which: Case, threads: number): [command: string, args: string[]] {
  const engine = ENGINES[name]!;
  const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  if ('channelsLast' in engine) {
    const layout = engine.channelsLast ? 'channels_last' : 'contiguous';
    return [process.env.KD_PYTHON || 'python3', [file('torch_step.py'), which, layout, String(threads)]];
  }
  const { backend, kind, complete } = engine;
  return [process.execPath, [...process.execArgv, file('worker.ts'), which, backend, kind, String(complete)]];
}

/**
 * Starts an engine's process, which reads numbers of steps and answers each with a line of `Times`.
 *
 * @throws with the last thing it said if it ends before it is stopped
 */
export async function startRunner(name: string, which: Case, threads: number): Promise<Runner> {
  const [command, args] = commandOf(name, which, threads);
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
    async run(steps) {
      child.stdin.write(`${steps}\n`);
      return JSON.parse(await answer()) as Times;
    },
    stop: () => child.stdin.end(),
  };
}

/** Errors of Node and Python end with a trace or begin with one: the line that names the error. */
function lastLine(text: string): string {
  const lines = text.trim().split('\n');
  return (lines.reverse().find((line) => /^\s*(\w*Error|\w+Exception)\b/.test(line)) ?? lines[0] ?? '').trim();
}
