import { ADAM_KERNEL, type AdamAttributes } from '@kd/ops';
import type * as tf from '@tensorflow/tfjs-core';
import { ADAM_MODULE } from './adam-module.ts';
import { replaceKernel, type WasmBackend } from './wasm-backend.ts';

type AdamFunction = (...args: number[]) => void;

/** Our kernel over the memory in which the backend keeps its tensors: nothing is copied. */
function instantiate(memory: WebAssembly.Memory): AdamFunction | undefined {
  const bytes = Uint8Array.from(atob(ADAM_MODULE), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return undefined; // no SIMD
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { tfjs: { memory } });
  return instance.exports.adam as AdamFunction;
}

/**
 * Registers `KdAdam` on the WebAssembly backend: one pass over memory where the composition makes about ten.
 *
 * @returns undoes it; does nothing where the engine has no SIMD or TF.js does not show its memory
 */
export function installAdam(backend: WasmBackend): () => void {
  const memory = backend.wasm.asm?.memory;
  const adam = memory && instantiate(memory);
  if (!adam) return () => {};
  return replaceKernel(ADAM_KERNEL, () => ({ inputs, attrs, backend: current }) => {
    const wasm = current as WasmBackend;
    const { value, gradient, firstMoment, secondMoment } = inputs as unknown as Record<string, tf.TensorInfo>;
    const { learningRate, beta1, beta2, epsilon, step } = attrs as unknown as AdamAttributes;
    const outputs = [0, 1, 2].map(() => wasm.makeOutput(value!.shape, 'float32'));
    const addresses = [value!, gradient!, firstMoment!, secondMoment!, ...outputs].map(
      ({ dataId }) => wasm.dataIdMap.get(dataId).memoryOffset,
    );
    const count = value!.shape.reduce((product, size) => product * size, 1);
    adam(
      ...addresses,
      count,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      Math.sqrt(1 - beta2 ** step),
      epsilon,
      learningRate / (1 - beta1 ** step),
    );
    return outputs;
  });
}
