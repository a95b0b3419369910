import * as tf from '@tensorflow/tfjs-core';
import { backendError } from '../errors.ts';
import { installBatchNorm } from './batch-norm.ts';
import { installConv2d } from './conv2d.ts';
import { installDepthwiseConv2d } from './depthwise-conv2d.ts';
import { installActivations, installUpdates } from './elementwise.ts';
import { shareIdentity } from './identity.ts';
import { installLayerNorm } from './layer-norm.ts';
import { repairMatMul } from './mat-mul.ts';
import { ownKernels } from './own-kernels.ts';
import { repairPoolGradients } from './pool.ts';
import { installSegmentSum } from './segment-sum.ts';
import { repairSums } from './sum.ts';
import { repairTile } from './tile.ts';
import { undoAll, type WasmBackend } from './wasm-backend.ts';

/** What trains everywhere: with our kernels if `ownKernels` finds them, else made of the backend's own. */
const ALWAYS = [
  repairMatMul,
  shareIdentity,
  installConv2d,
  installDepthwiseConv2d,
  repairPoolGradients,
  installSegmentSum,
  repairSums,
  repairTile,
];
/** Kernels of @kd/ops, which has compositions of its own. */
const WITH_OWN_KERNELS = [installBatchNorm, installLayerNorm, installActivations, installUpdates];

/**
 * Completes TF.js' WebAssembly backend for training. It must be the current backend.
 *
 * Registers what TF.js lacks: the gradients of convolutions, dense and depthwise, and of `gather`, and the kernels of
 * `@kd/ops`. Replaces what is slow: products of matrices and convolutions with weights that change each step, sums for
 * biases, the gradients of pools (which are also wrong), clones. Without SIMD, or with threads, the missing ones are
 * made of other operations.
 *
 * @returns puts the backend's own kernels back
 * @throws {KdError} NOT_FOUND if the current backend is another
 *
 * @example
 * import { completeWasm } from '@kd/backend';
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-wasm';
 * await tf.setBackend('wasm');
 * const undo = completeWasm();
 * undo();
 * console.log(tf.getBackend()); // wasm
 */
export function completeWasm(): () => void {
  if (tf.getBackend() !== 'wasm') {
    throw backendError(
      `completeWasm: the current backend is '${tf.getBackend()}'; call await tf.setBackend('wasm') first`,
    );
  }
  const parts = ownKernels(tf.backend() as WasmBackend) ? [...ALWAYS, ...WITH_OWN_KERNELS] : ALWAYS;
  return undoAll(parts.map((install) => install()));
}
