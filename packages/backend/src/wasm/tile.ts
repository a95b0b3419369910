import type * as tf from '@tensorflow/tfjs-core';
import { makeRoom, valuesOf } from './memory.ts';
import { replaceKernel, type WasmBackend } from './wasm-backend.ts';

/**
 * Replaces `Tile` of the WebAssembly backend where the whole tensor is repeated, as in the gradient of TF.js'
 * batch-norm, which is a third of a training step with the stock kernel.
 *
 * @returns undoes it
 */
export function repairTile(): () => void {
  return replaceKernel('Tile', (original) => (call) => {
    const { x } = call.inputs as unknown as { x: tf.TensorInfo };
    const { reps } = call.attrs as unknown as { reps: number[] };
    const backend = call.backend as WasmBackend;
    const lastRepeated = Math.max(...reps.map((count, i) => (count === 1 ? -1 : i)));
    const isWhole = x.shape.slice(0, lastRepeated).every((size) => size === 1);
    if (x.dtype !== 'float32' || !isWhole || reps.length !== x.shape.length) return original!(call);

    const output = makeRoom(
      backend,
      x.shape.map((size, i) => size * reps[i]!),
    );
    const values = valuesOf(backend, output);
    if (values.length === 0) return output;
    const once = valuesOf(backend, x);
    values.set(once);
    for (let done = once.length; done < values.length; done *= 2) values.copyWithin(done, 0, done); // as far as it goes
    return output;
  });
}
