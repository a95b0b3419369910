import * as tf from '@tensorflow/tfjs-core';
import { completeTensorflow } from '../tensorflow/install.ts';
import { completeWasm } from '../wasm/install.ts';
import { checkAvx, checkGpu } from './machine.ts';
import { findTensorflow } from './tensorflow/cache.ts';
import { loadTensorflow, restoreUtil } from './tensorflow/load.ts';
import type { TensorflowKind } from './tensorflow/recipe.ts';
import { provideWebgpu } from './webgpu.ts';

/** The backends that can be asked for, best first; WebGPU, whose process has to be ended with `process.exit`, only so. */
export const BACKENDS = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu', 'webgpu'] as const;

export type BackendName = (typeof BACKENDS)[number];

/** What is tried where none is asked for. */
export const LADDER: readonly BackendName[] = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'];

/** One way to run TF.js. */
interface Rung {
  /** Loads the backend and makes it TF.js' current one. @returns what it is, in words; throws if it cannot be used */
  load: () => Promise<string>;
  /** Registers what it lacks for training. @returns undoes it */
  complete?: () => () => void;
  /** What would make it usable. */
  remedy: string;
}

async function activate(backendName: string): Promise<void> {
  if (!(await tf.setBackend(backendName))) throw new Error(`not usable: TF.js could not start its '${backendName}'`);
  await tf.ready();
}

const DISASTERS = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * The WebAssembly module listens for errors that nobody catches, and throws them again: Node then prints the module's one
 * line of code, a hundred thousand characters, in front of them.
 */
async function withoutListeners(start: () => Promise<void>): Promise<void> {
  const before = new Map(DISASTERS.map((event) => [event, process.rawListeners(event)]));
  await start();
  for (const [event, known] of before) {
    for (const listener of process.rawListeners(event)) {
      if (!known.includes(listener)) process.off(event, listener as () => void);
    }
  }
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
  checkAvx();
  restoreUtil();
  let failure: unknown;
  try {
    await import(packageName); // a name that tsc and bundlers do not follow: it is optional
    await activate('tensorflow');
    return packageName;
  } catch (error) {
    // Without its addon, whose download needs Google's servers and a script that pnpm does not run, it is of no use.
    failure = isMissing(error, packageName) ? new Error('not installed') : error;
  }
  const build = findTensorflow(kind);
  if (!build) throw failure;
  const version = loadTensorflow(build.folder, tf);
  await activate('tensorflow');
  return `TensorFlow ${version}, built by install-tensorflow`;
}

/** The build for GPUs computes on the processor, without a word, if CUDA or the driver do not suit it. */
function checkDevice(): void {
  if ((tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice) return;
  tf.removeBackend('tensorflow');
  throw new Error('unable to use the GPU: TensorFlow could not start CUDA (TF_CPP_MIN_LOG_LEVEL=0 shows why)');
}

export const RUNGS: Readonly<Record<BackendName, Rung>> = {
  'tfjs-node-gpu': {
    load: async () => {
      checkGpu();
      const source = await loadNative('@tensorflow/tfjs-node-gpu', 'gpu');
      checkDevice();
      return `TensorFlow on the GPU (${source})`;
    },
    complete: completeTensorflow,
    remedy: 'npx @kd/backend install-tensorflow --gpu (Linux x64), or npm install @tensorflow/tfjs-node-gpu',
  },
  'tfjs-node': {
    load: async () => `TensorFlow on the CPU (${await loadNative('@tensorflow/tfjs-node', 'cpu')})`,
    complete: completeTensorflow,
    remedy: 'npm install @tensorflow/tfjs-node, or npx @kd/backend install-tensorflow (Linux x64)',
  },
  wasm: {
    load: async () => {
      await import('@tensorflow/tfjs-backend-wasm');
      await withoutListeners(() => activate('wasm'));
      return 'WebAssembly (@tensorflow/tfjs-backend-wasm)';
    },
    complete: completeWasm,
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
  webgpu: {
    load: async () => {
      await provideWebgpu();
      await import('@tensorflow/tfjs-backend-webgpu');
      await activate('webgpu');
      return 'WebGPU (Dawn, @tensorflow/tfjs-backend-webgpu)';
    },
    remedy:
      'npm install webgpu @tensorflow/tfjs-backend-webgpu; without a GPU, VK_ICD_FILENAMES may name a software driver',
  },
};

/** The part of an error that tells a user what is wrong; module loaders print their whole search. */
export function reasonOf(error: unknown, name: BackendName): string {
  if (isMissing(error, `@tensorflow/tfjs-backend-${name}`)) return 'not installed';
  const { message } = error as { message?: string };
  // Google's servers did not answer, or pnpm did not run the script that asks them.
  if (message?.includes('tfjs_binding.node')) return 'installed without its addon, which did not download';
  return (message ?? String(error)).split('\n')[0]!;
}
