import * as tf from '@tensorflow/tfjs-core';
import type { Value } from '../graph/graph.ts';
import type { BatchNorms } from './batch-norm.ts';
import { traceError } from './errors.ts';
import { currentLayer, currentLine, currentOp } from './origin.ts';
import type { RecordingBackend } from './recording-backend.ts';
import { RULES } from './rules/index.ts';
import type { Attributes } from './rules/rule.ts';

/** Of the backend that records; without an underscore, which TF.js' registry of kernels splits names at. */
export const BACKEND = 'kd-trace';

type Inputs = Readonly<Record<string, tf.TensorInfo | undefined>>;

/** `tf.slice` takes numbers and leaves sizes out; a graph has both for every axis. */
function wholeSlice(x: tf.TensorInfo, { begin, size }: Attributes): object {
  const [first, sizes] = tf.slice_util.parseSliceParams(x, begin, size);
  return { begin: first, size: sizes };
}

function recordKernel(backend: RecordingBackend, norms: BatchNorms, op: string, inputs: Inputs, attrs: object) {
  const ins: Record<string, Value> = {};
  for (const [name, tensor] of Object.entries(inputs ?? {})) if (tensor) ins[name] = backend.valueFor(tensor);
  if (op === 'FusedBatchNorm') {
    const output = norms.forward(ins, (attrs as { varianceEpsilon: number }).varianceEpsilon);
    if (output) return backend.give(output);
  }
  const outs = RULES[op]!(ins, attrs as Attributes);
  const recorded = op === 'Slice' ? wholeSlice(inputs.x!, attrs as Attributes) : (attrs ?? {});
  const values = backend.record(op, ins, recorded, Array.isArray(outs) ? outs : [outs]);
  const saved = op === 'KdBatchNorm' ? values.slice(1) : []; // its statistics once more
  const given = [...values, ...saved].map((value) => backend.give(value));
  return Array.isArray(outs) ? given : given[0]!;
}

function refuseKernel(op: string): never {
  const [name, layer, line] = [currentOp(), currentLayer(), currentLine()];
  const where = [name && `tf.${name}`, layer && `layer ${layer}`, line].filter(Boolean).join(', ');
  throw traceError(
    'UNSUPPORTED',
    `the kernel ${op} cannot be traced${where ? ` (asked for by ${where})` : ''}; compute it outside and pass the result ` +
      'as an argument, write it with other operations, or run the step on a TF.js backend',
    { kernel: op },
  );
}

/**
 * Registers the recording backend and its kernels, until the returned function is called.
 *
 * @param home kernels of this backend that cannot be recorded are refused by name
 */
export function registerBackend(backend: RecordingBackend, norms: BatchNorms, home: string | undefined): () => void {
  tf.registerBackend(BACKEND, () => backend, 0);
  const names = new Set(Object.keys(RULES));
  for (const { kernelName } of home ? tf.getKernelsForBackend(home) : []) names.add(kernelName);
  for (const kernelName of names) {
    // Not those that an op of ours can do without.
    if (!(kernelName in RULES) && kernelName.startsWith('Kd')) continue;
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) =>
        kernelName in RULES
          ? recordKernel(backend, norms, kernelName, inputs, attrs as object)
          : refuseKernel(kernelName),
    });
  }
  return () => {
    for (const { kernelName } of tf.getKernelsForBackend(BACKEND)) tf.unregisterKernel(kernelName, BACKEND);
    tf.removeBackend(BACKEND);
  };
}
