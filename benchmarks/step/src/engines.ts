import { fileURLToPath } from 'node:url';
import type { BackendName } from '@kd/backend/node';
import { type Runner, startRunner } from '@kd-bench/common';
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
export interface Times {
  ms: number[];
  megabytes: number;
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

/** Starts an engine's process, which reads numbers of steps and answers each with a line of `Times`. */
export function startEngine(name: string, which: Case, threads: number): Promise<Runner<Times>> {
  return startRunner<Times>(...commandOf(name, which, threads));
}
