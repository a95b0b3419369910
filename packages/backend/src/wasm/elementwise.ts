import type * as tf from '@tensorflow/tfjs-core';
import { addressOf, makeRoom, sizeOf } from './memory.ts';
import { type OwnKernels, ownKernels } from './own-kernels.ts';
import { installKernel, undoAll, type WasmBackend } from './wasm-backend.ts';

/** Runs a function of ours on tensors of one size: inputs, outputs, number of values, what else it takes. */
function map(
  backend: WasmBackend,
  name: keyof OwnKernels,
  inputs: readonly tf.TensorInfo[],
  outputCount: number,
  parameters: readonly number[] = [],
): tf.TensorInfo[] {
  const { shape } = inputs[0]!;
  const outputs = Array.from({ length: outputCount }, () => makeRoom(backend, shape));
  const addresses = [...inputs, ...outputs].map((info) => addressOf(backend, info));
  const count = sizeOf(shape);
  if (count > 0) ownKernels(backend)![name](...addresses, count, ...parameters);
  return outputs;
}

/**
 * Registers `KdRelu6Grad`, `KdGelu` and `KdGeluGrad` on the WebAssembly backend.
 *
 * @returns undoes it
 */
export function installActivations(): () => void {
  return undoAll([
    installKernel<Record<'dy' | 'y', tf.TensorInfo>, object>(
      'KdRelu6Grad',
      ({ inputs: { dy, y }, backend }) => map(backend, 'relu6Gradient', [dy, y], 1)[0]!,
    ),
    installKernel<{ x: tf.TensorInfo }, object>(
      'KdGelu',
      ({ inputs: { x }, backend }) => map(backend, 'gelu', [x], 1)[0]!,
    ),
    installKernel<Record<'dy' | 'x', tf.TensorInfo>, object>(
      'KdGeluGrad',
      ({ inputs: { dy, x }, backend }) => map(backend, 'geluGradient', [dy, x], 1)[0]!,
    ),
  ]);
}

interface Adam {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  step: number;
  weightDecay?: number;
}

interface Sgd {
  learningRate: number;
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
}

/**
 * Registers `KdSgd`, `KdAdam` and `KdEma` on the WebAssembly backend: one pass over memory, where Adam's composition
 * makes about ten.
 *
 * @returns undoes it
 */
export function installUpdates(): () => void {
  return undoAll([
    installKernel<{ value: tf.TensorInfo; gradient: tf.TensorInfo; velocity?: tf.TensorInfo }, Sgd>(
      'KdSgd',
      ({ inputs: { value, gradient, velocity }, attrs, backend }) => {
        const { learningRate, momentum, nesterov, weightDecay } = attrs;
        if (!velocity) return map(backend, 'sgd', [value, gradient], 1, [learningRate, weightDecay]);
        const parameters = [learningRate, momentum, weightDecay, Number(nesterov)];
        return map(backend, 'momentum', [value, gradient, velocity], 2, parameters);
      },
    ),
    installKernel<Record<'value' | 'gradient' | 'firstMoment' | 'secondMoment', tf.TensorInfo>, Adam>(
      'KdAdam',
      ({ inputs: { value, gradient, firstMoment, secondMoment }, attrs, backend }) => {
        const { learningRate, beta1, beta2, epsilon, step, weightDecay = 0 } = attrs;
        return map(backend, 'adam', [value, gradient, firstMoment, secondMoment], 3, [
          ...[beta1, 1 - beta1, beta2, 1 - beta2, Math.sqrt(1 - beta2 ** step), epsilon],
          ...[learningRate / (1 - beta1 ** step), 1 - learningRate * weightDecay],
        ]);
      },
    ),
    installKernel<Record<'average' | 'value', tf.TensorInfo>, { decay: number }>(
      'KdEma',
      ({ inputs: { average, value }, attrs: { decay }, backend }) =>
        map(backend, 'ema', [average, value], 1, [decay, 1 - decay])[0]!,
    ),
  ]);
}
