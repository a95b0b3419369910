import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import type { LoweredGraph, LoweredPort } from '../lower/lower-graph.ts';
import { openSession } from '../node/open-session.ts';
import { loadOnnxRuntime } from '../node/runtime.ts';

/** Values as onnxruntime wants them: booleans are bytes. */
function feed({ shape, dtype }: LoweredPort, values: ArrayLike<number>): ort.Tensor {
  const dims = [...shape];
  if (dtype === 'int32') return new ort.Tensor('int32', Int32Array.from(values), dims);
  if (dtype === 'bool') return new ort.Tensor('bool', Uint8Array.from(values), dims);
  return new ort.Tensor('float32', Float32Array.from(values), dims);
}

/** Runs a lowered graph once, in a session as programs have them, and gives its outputs as tensors of the current TF.js backend. */
export async function runOnnx(
  { bytes, inputs, outputs }: LoweredGraph,
  values: readonly ArrayLike<number>[],
): Promise<tf.Tensor[]> {
  const session = await openSession(await loadOnnxRuntime(), bytes, { threads: 1 });
  try {
    const feeds = Object.fromEntries(inputs.map((port, i) => [port.name, feed(port, values[i]!)]));
    const results = await session.run(feeds);
    return outputs.map(({ name, dtype }) => {
      const { data, dims } = results[name]!;
      return tf.tensor(Array.from(data as Float32Array, Number), [...dims], dtype);
    });
  } finally {
    await session.release();
  }
}
