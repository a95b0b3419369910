import { type BackendName, type SelectedBackend, selectBackend } from '@kd/backend/node';
import type { Batch } from '@kd/core';
import { compileForward, loadOnnxRuntime, onnxEngine } from '@kd/onnx/node';
import { type ForwardMode, type StepEngineFactory, tfjsEngine } from '@kd/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { EngineChoice } from './config.ts';

const BACKENDS: Record<BackendName, string> = {
  'tfjs-node-gpu': 'TensorFlow on the GPU (tfjs-node-gpu)',
  'tfjs-node': 'TensorFlow on the CPU (tfjs-node)',
  wasm: 'WebAssembly (tfjs-node would be used if it were installed)',
  cpu: 'plain JavaScript: very slow; npm install @tensorflow/tfjs-backend-wasm',
  webgpu: 'WebGPU (Dawn)',
};

/** What runs the networks. */
export interface Engine {
  /** One line: what it is, and why. */
  summary: string;
  /** Of TF.js, which does what the engine does not. */
  backend: SelectedBackend;
  /** For `train`. */
  steps: StepEngineFactory;
  /** Asks a network about batches, for as long as `use` takes; without `logits` the network itself is to be asked. */
  withLogits<T>(model: LayersModel, mode: ForwardMode, use: (logits?: Logits) => Promise<T>): Promise<T>;
}

export type Logits = (batch: Batch) => Promise<Float32Array>;

/** Why ONNX Runtime is not what is wanted, if it is not. */
function reasonAgainst(choice: EngineChoice, { name }: SelectedBackend): string | undefined {
  if (choice === 'tfjs') return '--engine tfjs';
  if (choice === 'auto' && process.env.KD_BACKEND) return `KD_BACKEND is ${name}`;
  if (choice === 'auto' && name === 'tfjs-node-gpu') return 'a GPU is faster than ONNX Runtime on the CPU';
  return undefined;
}

/**
 * ONNX Runtime where it loads, else the best TF.js backend.
 *
 * @param warn told in one line what turns out to be slower than announced
 * @throws {KdError} if 'onnx' is asked for and ONNX Runtime does not load
 */
export async function chooseEngine(choice: EngineChoice, warn: (line: string) => void): Promise<Engine> {
  const backend = await selectBackend();
  const eager = (why: string): Engine => ({
    summary: `${BACKENDS[backend.name]}: ${why}`,
    backend,
    steps: tfjsEngine(),
    withLogits: (_, __, use) => use(),
  });
  const against = reasonAgainst(choice, backend);
  if (against !== undefined) return eager(against);
  try {
    const { version } = await loadOnnxRuntime();
    const asked = choice === 'onnx' ? '--engine onnx' : 'the fastest on a CPU';
    return {
      summary: `ONNX Runtime ${version}, a training step is one graph; the rest on TF.js, ${backend.name}: ${asked}`,
      backend,
      steps: onnxEngine({ fallback: tfjsEngine(), onWarning: warn }),
      async withLogits(model, mode, use) {
        if (mode !== 'inference') return use();
        const forward = compileForward(model, { onWarning: warn });
        try {
          return await use(({ images, normalization }) => forward.predict(images.data, images.shape, normalization));
        } finally {
          await forward.release();
        }
      },
    };
  } catch (error) {
    if (choice === 'onnx') throw error;
    return eager((error as Error).message.replace(/^\w+: /, ''));
  }
}
