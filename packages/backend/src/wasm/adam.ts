import { ADAM_KERNEL, type AdamAttributes } from '@kd/ops';
import type * as tf from '@tensorflow/tfjs-core';
import { ADAM_MODULE } from './adam-module.ts';
import { instantiate } from './instantiate.ts';
import { replaceKernel, type WasmBackend } from './wasm-backend.ts';

type AdamFunction = (...args: number[]) => void;

/**
 * Registers `KdAdam` on the WebAssembly backend: one pass over memory where the composition makes about ten.
 *
 * @returns undoes it; does nothing where the engine has no SIMD or TF.js does not show its memory
 */
export function installAdam(backend: WasmBackend): () => void {
  // One for each memory: after tf.removeBackend a new backend keeps its tensors in another.
  const modules = new WeakMap<WasmBackend, AdamFunction>();
  const adamOf = (wasm: WasmBackend): AdamFunction | undefined => {
    const adam = modules.get(wasm) ?? instantiate<{ adam: AdamFunction }>(ADAM_MODULE, wasm.wasm.asm?.memory)?.adam;
    if (adam) modules.set(wasm, adam);
    return adam;
  };
  if (!adamOf(backend)) return () => {};
  return replaceKernel(ADAM_KERNEL, () => ({ inputs, attrs, backend: current }) => {
    const wasm = current as WasmBackend;
    const { value, gradient, firstMoment, secondMoment } = inputs as unknown as Record<string, tf.TensorInfo>;
    const { learningRate, beta1, beta2, epsilon, step } = attrs as unknown as AdamAttributes;
    const outputs = [0, 1, 2].map(() => wasm.makeOutput(value!.shape, 'float32'));
    const addresses = [value!, gradient!, firstMoment!, secondMoment!, ...outputs].map(
      ({ dataId }) => wasm.dataIdMap.get(dataId).memoryOffset,
    );
    const count = value!.shape.reduce((product, size) => product * size, 1);
    adamOf(wasm)!(
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
