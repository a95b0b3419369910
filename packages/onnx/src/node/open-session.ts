import { KdError } from '@kd/core';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { defaultThreads, type OnnxRuntime } from './runtime.ts';

/** A port's value in the memory that a run reads or writes. */
export type Binding = Tensor;

export interface SessionSettings {
  /** Of one run. @default one for each core */
  threads?: number;
}

/** What a session needs to know of an input or output. */
export interface Port {
  shape: readonly number[];
  dtype: 'float32' | 'int32' | 'bool';
}

export type PortArray = Float32Array | Int32Array | Uint8Array;

/** A tensor of ONNX Runtime over an array: runs read it, or write to it, in place. */
export function bind({ ort }: OnnxRuntime, { shape, dtype }: Port, data: PortArray): Binding {
  return new ort.Tensor(dtype, data as never, [...shape]);
}

/** An array for a port's values. */
export function arrayFor({ shape, dtype }: Port): PortArray {
  const size = shape.reduce((product, each) => product * each, 1);
  return dtype === 'float32' ? new Float32Array(size) : dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}

/**
 * What sessions run with. Without memory patterns it takes half the memory at the same speed; threads that wait by
 * spinning (ONNX Runtime's default) are 10 % faster.
 */
export function sessionOptions({ threads = defaultThreads() }: SessionSettings): InferenceSession.SessionOptions {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new KdError('INVALID_ARGUMENT', `onnx: threads must be a whole number from 1, got ${threads}`, { threads });
  }
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableMemPattern: false,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4, // errors are thrown; it need not print them as well
  };
}

/**
 * Opens a session for a lowered graph, which is run as it is: what ONNX Runtime would rewrite in it takes longer to find than
 * all the rest, makes no step faster, and undoes the order that saves memory (decision 19).
 */
export function openSession(
  { ort }: OnnxRuntime,
  bytes: Uint8Array,
  settings: SessionSettings,
): Promise<InferenceSession> {
  return ort.InferenceSession.create(bytes, { ...sessionOptions(settings), graphOptimizationLevel: 'disabled' });
}
