import * as tf from '@tensorflow/tfjs-core';
import { backendError } from '../errors.ts';
import { completeWasm } from '../wasm/install.ts';

/** The backends that can be asked for, best first. */
export const BACKENDS = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'] as const;

export type BackendName = (typeof BACKENDS)[number];

/** A better backend that was passed over. */
export interface SkippedBackend {
  name: BackendName;
  reason: string;
  /** What would make it usable. */
  remedy: string;
}

export interface SelectedBackend {
  name: BackendName;
  /** One sentence: which backend, and why this one. */
  summary: string;
  skipped: readonly SkippedBackend[];
}

export interface SelectBackendOptions {
  /** Take this backend or fail. The environment variable `KD_BACKEND` does the same. @default the best usable one */
  backend?: BackendName;
}

interface Rung {
  /** Loads the backend and makes it TF.js' current one. */
  load: () => Promise<void>;
  describe: string;
  remedy: string;
}

/** `node >= 23` dropped functions that tfjs-node calls; put back the ones it needs. */
function restoreUtil(util: Record<string, unknown>): void {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

async function loadNative(name: string): Promise<void> {
  // A name that tsc and bundlers do not follow: the package is optional, and there may be no types for it.
  const { default: util } = (await import('node:util')) as unknown as { default: Record<string, unknown> };
  restoreUtil(util);
  await import(name);
  await activate('tensorflow');
}

async function activate(backendName: string): Promise<void> {
  if (!(await tf.setBackend(backendName))) throw new Error(`TF.js could not start its backend '${backendName}'`);
  await tf.ready();
}

const LADDER: Record<BackendName, Rung> = {
  'tfjs-node-gpu': {
    load: () => loadNative('@tensorflow/tfjs-node-gpu'),
    describe: 'TensorFlow on the GPU (@tensorflow/tfjs-node-gpu)',
    remedy: 'npm install @tensorflow/tfjs-node-gpu, with CUDA 11.2 and cuDNN 8.1 on Linux',
  },
  'tfjs-node': {
    load: () => loadNative('@tensorflow/tfjs-node'),
    describe: 'TensorFlow on the CPU (@tensorflow/tfjs-node)',
    remedy: 'npm install @tensorflow/tfjs-node',
  },
  wasm: {
    load: async () => {
      await import('@tensorflow/tfjs-backend-wasm');
      await activate('wasm');
      if (!wasmCompleted) completeWasm(); // once: asked for again after another backend, it still is
      wasmCompleted = true;
    },
    describe: 'WebAssembly (@tensorflow/tfjs-backend-wasm), completed for training',
    remedy: 'npm install @tensorflow/tfjs-backend-wasm',
  },
  cpu: {
    load: async () => {
      await import('@tensorflow/tfjs-backend-cpu');
      await activate('cpu');
    },
    describe: 'plain JavaScript (@tensorflow/tfjs-backend-cpu), correct and slow',
    remedy: 'npm install @tensorflow/tfjs-backend-cpu',
  },
};

/** The part of an error that tells a user what is wrong; module loaders print their whole search. */
function firstLine(error: unknown, name: string): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'ERR_MODULE_NOT_FOUND' && message?.includes(`@tensorflow/${name}'`)) return 'not installed';
  return (message ?? String(error)).split('\n')[0]!;
}

function requested(options: SelectBackendOptions): BackendName | undefined {
  const fromEnvironment = process.env.KD_BACKEND || undefined;
  const name = options.backend ?? fromEnvironment;
  if (name !== undefined && !(BACKENDS as readonly string[]).includes(name)) {
    const source = options.backend === undefined ? 'KD_BACKEND' : 'backend';
    throw backendError(`selectBackend: ${source} is '${name}'; it must be one of ${BACKENDS.join(', ')}`);
  }
  return name as BackendName | undefined;
}

let wasmCompleted = false;
let current: SelectedBackend | undefined;

/**
 * Makes the best usable TF.js backend the current one and completes it for training: tfjs-node-gpu, tfjs-node,
 * WebAssembly, or plain JavaScript, in this order. Asked again, it gives the same answer.
 *
 * @returns which backend it is and why, and what was passed over with a remedy for each
 * @throws {KdError} NOT_FOUND if the one asked for cannot be used, or none can
 *
 * @example
 * import { selectBackend } from '@kd/backend/node';
 * const { name, summary } = await selectBackend({ backend: 'wasm' });
 * console.log(name); // wasm
 */
export async function selectBackend(options: SelectBackendOptions = {}): Promise<SelectedBackend> {
  const wanted = requested(options);
  if (current && (wanted === undefined || wanted === current.name)) return current;
  const skipped: SkippedBackend[] = [];
  for (const name of wanted ? [wanted] : BACKENDS) {
    const { load, describe, remedy } = LADDER[name];
    try {
      await load();
    } catch (error) {
      skipped.push({ name, reason: firstLine(error, name), remedy });
      continue;
    }
    const why = wanted
      ? 'as asked for'
      : skipped.length === 0
        ? 'the fastest there is'
        : `the best that is usable here: ${skipped.map((each) => `${each.name} is ${each.reason}`).join(', ')}`;
    current = { name, summary: `${describe}: ${why}`, skipped };
    return current;
  }
  const reasons = skipped.map(({ name, reason, remedy }) => `${name}: ${reason} (${remedy})`).join('; ');
  throw backendError(`selectBackend: ${wanted ? `'${wanted}' cannot be used` : 'no backend can be used'}: ${reasons}`);
}
