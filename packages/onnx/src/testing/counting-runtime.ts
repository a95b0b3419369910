import type { LoadRuntimeOptions } from '../node/runtime.ts';

/** onnxruntime-node, which counts the sessions that are opened. */
export function countingRuntime(): Required<LoadRuntimeOptions> & { opened: () => number } {
  let opened = 0;
  return {
    opened: () => opened,
    async load() {
      const ort = await import('onnxruntime-node');
      const create = (...args: Parameters<typeof ort.InferenceSession.create>) => {
        opened += 1;
        return ort.InferenceSession.create(...args);
      };
      return { env: ort.env, Tensor: ort.Tensor, InferenceSession: { create } };
    },
  };
}
