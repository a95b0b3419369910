import type * as tf from '@tensorflow/tfjs-core';
import { callKernel, type WasmBackend } from './wasm-backend.ts';

/** Rounded up to whole vectors. */
export const wholeVectors = (channels: number): number => (channels + 3) & -4;

/** Adds zeros behind one axis, as a new tensor. */
export function padAxis(backend: WasmBackend, x: tf.TensorInfo, axis: number, size: number): tf.TensorInfo {
  const paddings = x.shape.map((each, i) => [0, i === axis ? size - each : 0]);
  return callKernel(backend, 'PadV2', { x }, { paddings, constantValue: 0 });
}

/** Takes what `padAxis` added away, as a new tensor. */
export function cutAxis(backend: WasmBackend, x: tf.TensorInfo, axis: number, size: number): tf.TensorInfo {
  const kept = x.shape.map((each, i) => (i === axis ? size : each));
  return callKernel(backend, 'Slice', { x }, { begin: x.shape.map(() => 0), size: kept });
}
