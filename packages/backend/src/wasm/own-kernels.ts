import { ACTIVATIONS_MODULE } from './activations-module.ts';
import { COLUMNS_MODULE } from './columns-module.ts';
import { instantiate } from './instantiate.ts';
import { LAYER_NORM_MODULE } from './layer-norm-module.ts';
import { MAT_MUL_MODULE } from './mat-mul-module.ts';
import { UPDATES_MODULE } from './updates-module.ts';
import type { WasmBackend } from './wasm-backend.ts';
import { WINDOWS_MODULE } from './windows-module.ts';

const MODULES = [
  ACTIVATIONS_MODULE,
  COLUMNS_MODULE,
  LAYER_NORM_MODULE,
  MAT_MUL_MODULE,
  UPDATES_MODULE,
  WINDOWS_MODULE,
] as const;

/** The functions of our WebAssembly modules: parameters are addresses and numbers, in the order of the .wat files. */
export type OwnKernels = Record<
  | 'matMul'
  | 'windows'
  | 'columnSums'
  | 'columnMoments'
  | 'columnProducts'
  | 'normalize'
  | 'normalizeGradient'
  | 'layerNorm'
  | 'layerNormGradient'
  | 'relu6Gradient'
  | 'gelu'
  | 'geluGradient'
  | 'sgd'
  | 'momentum'
  | 'adam'
  | 'ema',
  (...args: number[]) => void
>;

// One for each memory: after tf.removeBackend a new backend keeps its tensors in another.
const instances = new WeakMap<WebAssembly.Memory, OwnKernels | 'none'>();

/**
 * Our kernels over a backend's memory.
 *
 * @returns undefined where TF.js hides its memory or `instantiate` gives nothing
 */
export function ownKernels(backend: WasmBackend): OwnKernels | undefined {
  const memory = backend.wasm.asm?.memory;
  if (!memory) return undefined;
  let kernels = instances.get(memory);
  if (!kernels) {
    const parts = MODULES.map((module) => instantiate<object>(module, memory));
    kernels = parts.includes(undefined) ? 'none' : (Object.assign({}, ...parts) as OwnKernels);
    instances.set(memory, kernels);
  }
  return kernels === 'none' ? undefined : kernels;
}
