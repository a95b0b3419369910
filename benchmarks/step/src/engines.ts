import { fileURLToPath } from 'node:url';
import type { BackendName } from '@kd/backend/node';
import { type Runner, startRunner } from '@kd-bench/common';
import { build } from 'esbuild';
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

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A program as JavaScript, on the packages as they are published: a loader of TypeScript takes 70 MB in the process. */
async function bundled(program: string): Promise<string> {
  const outfile = fileOf(`../dist/${program.replace(/\.ts$/, '.mjs')}`);
  await build({
    entryPoints: [fileOf(program)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@kd/*', '@tensorflow/*'],
    logLevel: 'silent', // it throws what is wrong
  });
  return outfile;
}

export interface StartOptions {
  threads: number;
  /** Where the engine of `@kd/onnx` notes which graphs it has checked. */
  cacheDir: string;
}

async function commandOf(
  name: string,
  which: Case,
  { threads, cacheDir }: StartOptions,
): Promise<[command: string, args: string[]]> {
  const engine = ENGINES[name]!;
  if ('channelsLast' in engine) {
    const layout = engine.channelsLast ? 'channels_last' : 'contiguous';
    return [process.env.KD_PYTHON || 'python3', [fileOf('torch_step.py'), which, layout, String(threads)]];
  }
  const node = async (program: string, ...args: string[]): Promise<[string, string[]]> => [
    process.execPath,
    [await bundled(program), which, ...args],
  ];
  if ('isOnnx' in engine) return node('onnx-worker.ts', cacheDir, String(threads));
  const { backend, kind, complete } = engine;
  return node('worker.ts', backend, kind, String(complete));
}

/** Starts an engine's process, which reads numbers of steps and answers each with a line of `Turn`. */
export async function startEngine(name: string, which: Case, options: StartOptions): Promise<Runner<Turn>> {
  return startRunner<Turn>(...(await commandOf(name, which, options)));
}
