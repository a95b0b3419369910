import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { completeWasm } from '../wasm/install.ts';
import { findTensorflow } from './tensorflow/cache.ts';
import { loadTensorflow, restoreUtil } from './tensorflow/load.ts';
import type { TensorflowKind } from './tensorflow/recipe.ts';

/** The backends that can be asked for, best first. */
export const BACKENDS = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'] as const;

export type BackendName = (typeof BACKENDS)[number];

/** One way to run TF.js. */
export interface Rung {
  /** Loads the backend and makes it TF.js' current one. @returns what it is, in words; throws if it cannot be used */
  load: () => Promise<string>;
  /** What would make it usable. */
  remedy: string;
}

async function activate(backendName: string): Promise<void> {
  if (!(await tf.setBackend(backendName))) throw new Error(`TF.js could not start its backend '${backendName}'`);
  await tf.ready();
}

const isMissing = (error: unknown, name: string): boolean => {
  const { code, message } = error as { code?: string; message?: string };
  return code === 'ERR_MODULE_NOT_FOUND' && message?.includes(`'${name}'`) === true;
};

/**
 * TensorFlow as the project has it installed, else as `install-tensorflow` has built it.
 *
 * @returns where it comes from
 */
async function loadNative(packageName: string, kind: TensorflowKind): Promise<string> {
  restoreUtil();
  try {
    await import(packageName); // a name that tsc and bundlers do not follow: it is optional
    await activate('tensorflow');
    return packageName;
  } catch (error) {
    if (!isMissing(error, packageName)) throw error;
  }
  const build = findTensorflow(kind);
  if (!build) throw new Error('not installed');
  const version = loadTensorflow(build.folder, tf);
  await activate('tensorflow');
  return `TensorFlow ${version}, built by install-tensorflow`;
}

/** Loading the GPU's libraries takes seconds and gigabytes; without a driver they would compute on the CPU. */
function checkDriver(): void {
  if (process.platform === 'linux' && !existsSync('/proc/driver/nvidia/version')) {
    throw new Error('without a GPU: no NVIDIA driver is loaded');
  }
}

let wasmCompleted = false;

export const LADDER: Readonly<Record<BackendName, Rung>> = {
  'tfjs-node-gpu': {
    load: async () => {
      checkDriver();
      return `TensorFlow on the GPU (${await loadNative('@tensorflow/tfjs-node-gpu', 'gpu')})`;
    },
    remedy: 'npx @kd/backend install-tensorflow --gpu (Linux x64), or npm install @tensorflow/tfjs-node-gpu',
  },
  'tfjs-node': {
    load: async () => `TensorFlow on the CPU (${await loadNative('@tensorflow/tfjs-node', 'cpu')})`,
    remedy: 'npm install @tensorflow/tfjs-node, or npx @kd/backend install-tensorflow (Linux x64)',
  },
  wasm: {
    load: async () => {
      await import('@tensorflow/tfjs-backend-wasm');
      await activate('wasm');
      if (!wasmCompleted) completeWasm(); // once: asked for again after another backend, it still is
      wasmCompleted = true;
      return 'WebAssembly (@tensorflow/tfjs-backend-wasm), completed for training';
    },
    remedy: 'npm install @tensorflow/tfjs-backend-wasm',
  },
  cpu: {
    load: async () => {
      await import('@tensorflow/tfjs-backend-cpu');
      await activate('cpu');
      return 'plain JavaScript (@tensorflow/tfjs-backend-cpu), correct and slow';
    },
    remedy: 'npm install @tensorflow/tfjs-backend-cpu',
  },
};

/** The part of an error that tells a user what is wrong; module loaders print their whole search. */
export function reasonOf(error: unknown, name: BackendName): string {
  if (isMissing(error, `@tensorflow/tfjs-backend-${name}`)) return 'not installed';
  const { message } = error as { message?: string };
  return (message ?? String(error)).split('\n')[0]!;
}
