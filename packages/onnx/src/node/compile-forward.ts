import { type ImageArray, normalizeImages, type PixelNormalization } from '@kd/core';
import type * as tf from '@tensorflow/tfjs-core';
import { traceFunction } from '../trace/trace-function.ts';
import { type BoundProgram, bindProgram } from './bound-program.ts';
import { inTurn } from './in-turn.ts';
import type { ProgramOptions } from './program.ts';
import { type LoadRuntimeOptions, loadOnnxRuntime } from './runtime.ts';
import { createVariableValues } from './variable-values.ts';

/** The part of a `tf.LayersModel` that a forward pass needs. */
export interface ForwardModel {
  apply(inputs: tf.Tensor, kwargs?: { training?: boolean }): unknown;
}

export interface CompileForwardOptions extends ProgramOptions, LoadRuntimeOptions {
  /** For uint8 images that come without one. @default none */
  normalization?: PixelNormalization;
}

/** A model's forward pass in inference mode, run by ONNX Runtime. */
export interface CompiledForward {
  /**
   * The model's first output for some images.
   *
   * @param images NHWC, float32 as the model takes them, or uint8 with a normalisation
   * @returns float32, row-major: [batch, classes] of a classifier
   */
  predict(
    images: ImageArray['data'],
    shape: readonly number[],
    normalization?: PixelNormalization,
  ): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * Compiles a model's forward pass: for a teacher's answers, for evaluation. The weights are those that the model has at
 * each call. One session for each shape of images, built when it comes the first time.
 *
 * @throws {KdError} from `predict`: what `compile` throws, and INVALID_ARGUMENT for uint8 images without a normalisation
 *
 * @example
 * import { compileForward } from '@kd/onnx/node';
 * import * as tf from '@tensorflow/tfjs';
 * const flatten = tf.layers.flatten({ inputShape: [2, 2, 1] });
 * const model = tf.sequential({ layers: [flatten, tf.layers.dense({ units: 1, kernelInitializer: 'ones' })] });
 * const forward = compileForward(model);
 * console.log(await forward.predict(Float32Array.of(1, 2, 3, 4), [1, 2, 2, 1])); // Float32Array(1) [ 10 ]
 * await forward.release();
 */
export function compileForward(model: ForwardModel, options: CompileForwardOptions = {}): CompiledForward {
  const values = createVariableValues();
  const turn = inTurn();
  const programs = new Map<string, BoundProgram>();

  async function programFor(shape: readonly number[]): Promise<BoundProgram> {
    const known = programs.get(shape.join());
    if (known) return known;
    const runtime = await loadOnnxRuntime(options);
    const graph = traceFunction(
      (images) => firstOutput(model.apply(images!, { training: false })),
      [{ shape, dtype: 'float32' }],
    );
    const program = await bindProgram(runtime, graph, values, options);
    programs.set(shape.join(), program);
    return program;
  }

  return {
    predict: (images, shape, normalization = options.normalization) =>
      turn(async () => {
        const numbers = normalizeImages('compileForward', { data: images, shape }, normalization);
        const program = await programFor(shape);
        program.arguments[0]!.set(numbers);
        await values.pull();
        await program.run();
        return (Object.values(program.results)[0] as Float32Array).slice();
      }),
    release: () =>
      turn(async () => {
        for (const program of programs.values()) await program.release();
        programs.clear();
      }),
  };
}

/** Logits, of a model that may have more outputs. */
const firstOutput = (output: unknown): tf.Tensor => (Array.isArray(output) ? output[0] : output) as tf.Tensor;
