import { KdError, type OwnBytes } from '@kd/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Graph } from '../graph/graph.ts';
import { lowerToModel } from '../lower/lower-graph.ts';
import { encodeModel } from '../onnx-file/encode-model.ts';
import { optimizeGraph } from '../passes/optimize-graph.ts';
import { traceFunction } from '../trace/trace-function.ts';
import { mergeBatches } from './dynamic-batch.ts';
import { foldConstants } from './fold-constants.ts';
import { imageSizeOf } from './image-size.ts';

export interface ToOnnxOptions {
  /**
   * Size of one input, as TF.js has it: [height, width, channels] of images.
   * @default the model's own; sizes that it leaves open are those of its preprocessor, or of its config's `imageSize`
   */
  inputShape?: readonly number[];
  /** @default 'pixel_values', as transformers calls images; 'inputs' for anything else */
  inputName?: string;
  /** Of the model's first output. @default 'logits' */
  outputName?: string;
}

/** Only standard operators, and no blocks: what every ONNX reader has. */
const PORTABLE = { block: 1, contrib: false } as const;

/** Batches to lower for: primes that no shape of a model has as a factor. Shapes are all that is computed. */
const BATCHES = [1031, 1033, 2003];

function imageShape(model: LayersModel, { inputShape }: ToOnnxOptions): readonly number[] {
  const own = (model.inputs[0]!.shape as readonly (number | null)[]).slice(1);
  if (model.inputs.length !== 1) {
    const names = model.inputNames.join(', ');
    throw new KdError('UNSUPPORTED', `toOnnx: the model must have one input, and has ${names}`, { names });
  }
  const size = own.length === 3 ? imageSizeOf(model) : undefined;
  const shape = inputShape ?? own.map((each, axis) => each ?? size?.[axis]);
  const fits = shape.length === own.length && own.every((size, i) => size === null || size === shape[i]);
  if (!fits || shape.some((size) => !(Number.isInteger(size) && (size as number) > 0))) {
    const message = `toOnnx: the model takes inputs [${own.map((size) => size ?? '?')}], got inputShape [${shape.map((size) => size ?? '?')}]; say its sizes, e.g. inputShape: [224, 224, 3]`;
    throw new KdError('SHAPE_MISMATCH', message, { model: own, inputShape });
  }
  return shape as readonly number[];
}

const firstOf = (outputs: unknown): tf.Tensor => (Array.isArray(outputs) ? outputs[0] : outputs) as tf.Tensor;

/** The model's weights, by the names that their inputs have in its graph. */
async function weightsOf({ inputs }: Graph): Promise<Record<string, Float32Array>> {
  const states = inputs.filter(({ variable }) => variable);
  const values = await Promise.all(states.map(({ variable }) => variable!.data() as Promise<Float32Array>));
  return Object.fromEntries(states.map(({ name }, i) => [name, values[i]!]));
}

/**
 * A model in inference mode as the bytes of an ONNX file: with transformers' names, its weights inside, for batches of any
 * size. Only standard operators of opset 17, so every reader runs it: onnxruntime in Python and C++, onnxruntime-node and
 * -web, transformers.js. Equal weights give equal bytes.
 *
 * Images go in as Hugging Face's processors give them: float32 `pixel_values` [batch, channels, height, width]. That is so
 * for MLPs of images as well, which flatten them inside. Inputs of any other rank stay as TF.js has them.
 *
 * @param model one input; of several outputs the first is exported
 * @throws {KdError} SHAPE_MISMATCH if the input's sizes are not known or not the model's; UNSUPPORTED for several inputs, an
 *   operation that has no ONNX form, a model that mixes the images of a batch, or 2 GiB of weights
 *
 * @example
 * import { toOnnx } from '@kd/onnx';
 * import * as tf from '@tensorflow/tfjs';
 * const flatten = tf.layers.flatten({ inputShape: [2, 2, 1] });
 * const model = tf.sequential({ layers: [flatten, tf.layers.dense({ units: 1, kernelInitializer: 'ones' })] });
 * const bytes = await toOnnx(model);
 * console.log(bytes[0], bytes[1]); // 8 8
 */
export async function toOnnx(model: LayersModel, options: ToOnnxOptions = {}): Promise<OwnBytes> {
  const shape = imageShape(model, options);
  const isImage = shape.length === 3;
  const { inputName = isImage ? 'pixel_values' : 'inputs', outputName = 'logits' } = options;
  const graphs = BATCHES.map((batch) => ({
    batch,
    graph: traceFunction(
      (input) => ({ [outputName]: firstOf(model.apply(input!, { training: false })) }),
      [{ shape: [batch, ...shape], dtype: 'float32', name: inputName }],
    ),
  }));
  const weights = await weightsOf(graphs[0]!.graph);
  const models = graphs.map(({ batch, graph }) => {
    const inputLayouts: Record<string, 'nchw'> = isImage ? { [inputName]: 'nchw' } : {};
    return { batch, model: lowerToModel(optimizeGraph(graph), PORTABLE, { inputLayouts, weights }).model };
  });
  return encodeModel(foldConstants(mergeBatches(models)));
}
