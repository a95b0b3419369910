import { fileURLToPath } from 'node:url';
import type { BackendName } from '@kd/backend/node';
import { type Runner, startRunner } from '@kd-bench/common';
import { CASE_NAMES, type Case } from './cases.ts';
import type { Kind } from './networks.ts';
import type { Turn } from './turns.ts';

interface OnnxEngine {
  isOnnx: true;
  cases: readonly Case[];
}

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
export const ENGINES: Readonly<Record<string, OnnxEngine | TfjsEngine | TorchEngine>> = {
  pytorch: { channelsLast: false, cases: CASE_NAMES },
  'pytorch channels_last': { channelsLast: true, cases: CASE_NAMES.filter((name) => name !== 'mlp') },
  onnx: { isOnnx: true, cases: CASE_NAMES },
  tensorflow: { backend: 'tfjs-node', kind: 'ops', complete: true, cases: BOTH },
  'tensorflow stock': { backend: 'tfjs-node', kind: 'stock', complete: false, cases: BOTH },
  wasm: { backend: 'wasm', kind: 'ops', complete: true, cases: BOTH },
  cpu: { backend: 'cpu', kind: 'ops', complete: false, cases: ['mlp'] }, // MobileNetV2 takes minutes a step
};

export const isOnnx = (name: string): boolean => 'isOnnx' in ENGINES[name]!;

export interface StartOptions {
  threads: number;
  /** Where the engine of `@kd/onnx` keeps its graphs. */
  cacheDir: string;
}

function commandOf(name: string, which: Case, { threads, cacheDir }: StartOptions): [command: string, args: string[]] {
  const engine = ENGINES[name]!;
  const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  if ('channelsLast' in engine) {
    const layout = engine.channelsLast ? 'channels_last' : 'contiguous';
    return [process.env.KD_PYTHON || 'python3', [file('torch_step.py'), which, layout, String(threads)]];
  }
  const node = (program: string, ...args: string[]): [string, string[]] => [
    process.execPath,
    [...process.execArgv, file(program), which, ...args],
  ];
  if ('isOnnx' in engine) return node('onnx-worker.ts', cacheDir, String(threads));
  const { backend, kind, complete } = engine;
  return node('worker.ts', backend, kind, String(complete));
}

/** Starts an engine's process, which reads numbers of steps and answers each with a line of `Turn`. */
export function startEngine(name: string, which: Case, options: StartOptions): Promise<Runner<Turn>> {
  return startRunner<Turn>(...commandOf(name, which, options));
}
