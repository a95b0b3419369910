import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import {
  attention,
  batchNormInference,
  batchNormTraining,
  type ConvolutionOptions,
  conv2d,
  depthwiseConv2d,
  dropout,
  embeddingLookup,
  layerNorm,
  updateRunningStatistics,
} from '../index.ts';
import { randomArray } from './references/nd-array.ts';

type Weights = Record<string, tfl.LayerVariable>;
type LayerOp = (x: tf.Tensor, weights: Weights, training: boolean) => tf.Tensor;

/** Weights with these values at first; those that start with `moving` are statistics. */
type WeightValues = (channels: number) => Record<string, { shape: number[]; values: ArrayLike<number> }>;

/** A layer of one op. */
export class OpLayer extends tfl.layers.Layer {
  static className = 'OpLayer';
  private readonly op: LayerOp;
  private readonly values: WeightValues;
  private readonly variables: Weights = {};

  constructor(name: string, op: LayerOp, values: WeightValues = () => ({})) {
    super({ name });
    this.op = op;
    this.values = values;
  }

  override build(inputShape: tfl.Shape): void {
    for (const [name, { shape, values }] of Object.entries(this.values(inputShape.at(-1)!))) {
      const isTrainable = !name.startsWith('moving');
      const variable = this.addWeight(name, shape, 'float32', tfl.initializers.zeros(), undefined, isTrainable);
      tf.tidy(() => {
        variable.write(tf.tensor(Float32Array.from(values), shape));
      });
      this.variables[name] = variable;
    }
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training = false }: { training?: boolean }): tf.Tensor {
    return tf.tidy(() => this.op(Array.isArray(inputs) ? inputs[0]! : inputs, this.variables, training));
  }

  override computeOutputShape([, ...inner]: tfl.Shape): tfl.Shape {
    const shape = tf.tidy(() => this.op(tf.zeros([1, ...(inner as number[])]), this.variables, false).shape);
    return [null, ...shape.slice(1)];
  }
}

const read = <T extends tf.Tensor>(weight: tfl.LayerVariable | undefined): T => weight!.read() as T;

let seed = 1;

/** The layers made from here on get the same weights as those after the last call. */
export function restartWeights(): void {
  seed = 1;
}

const drawn = (shape: number[], scale: number) => ({ shape, values: randomArray(shape, seed++, { scale }).data });
const filled = (channels: number, value: number) => ({ shape: [channels], values: new Array(channels).fill(value) });

export const dense = (name: string, units: number): OpLayer =>
  new OpLayer(
    name,
    (x, { kernel, bias }) => {
      const rows = tf.matMul(tf.reshape(x, [-1, x.shape.at(-1)!]) as tf.Tensor2D, read<tf.Tensor2D>(kernel));
      return tf.reshape(tf.add(rows, read(bias)), [...x.shape.slice(0, -1), units]);
    },
    (channels) => ({ kernel: drawn([channels, units], channels ** -0.5), bias: filled(units, 0) }),
  );

export const convolution = (name: string, size: number, outputs: number, options: ConvolutionOptions): OpLayer =>
  new OpLayer(
    name,
    (x, { filter }) => conv2d(x as tf.Tensor4D, read<tf.Tensor4D>(filter), options),
    (channels) => ({ filter: drawn([size, size, channels, outputs], (2 / (size * size * channels)) ** 0.5) }),
  );

export const depthwise = (name: string, options: ConvolutionOptions): OpLayer =>
  new OpLayer(
    name,
    (x, { filter }) => depthwiseConv2d(x as tf.Tensor4D, read<tf.Tensor4D>(filter), options),
    (channels) => ({ filter: drawn([3, 3, channels, 1], 0.5) }),
  );

export const batchNorm = (name: string): OpLayer =>
  new OpLayer(
    name,
    (x, { gamma, beta, movingMean, movingVariance }, training) => {
      const [scale, shift] = [read<tf.Tensor1D>(gamma), read<tf.Tensor1D>(beta)];
      const running = { mean: read<tf.Tensor1D>(movingMean), variance: read<tf.Tensor1D>(movingVariance) };
      if (!training) return batchNormInference(x, scale, shift, running.mean, running.variance, 1e-5);
      const { output, ...batch } = batchNormTraining(x, scale, shift, 1e-5);
      const torch = { momentum: 0.1, momentumOf: 'batch', unbiasedVariance: true } as const;
      const updated = updateRunningStatistics(running, batch, x.size / scale.size, torch);
      movingMean!.write(updated.mean);
      movingVariance!.write(updated.variance);
      return output;
    },
    (channels) => ({
      gamma: filled(channels, 1),
      beta: filled(channels, 0),
      movingMean: filled(channels, 0),
      movingVariance: filled(channels, 1),
    }),
  );

export const norm = (name: string): OpLayer =>
  new OpLayer(
    name,
    (x, { gamma, beta }) => layerNorm(x, read<tf.Tensor1D>(gamma), read<tf.Tensor1D>(beta)),
    (channels) => ({ gamma: filled(channels, 1), beta: filled(channels, 0) }),
  );

export const positions = (name: string, tokens: number): OpLayer =>
  new OpLayer(
    name,
    (x, { table }) => tf.add(x, embeddingLookup(read<tf.Tensor2D>(table), tf.range(0, tokens, 1, 'int32'))),
    (channels) => ({ table: drawn([tokens, channels], 0.1) }),
  );

/** Splits [batch, tokens, 3 * width] into heads of queries, keys and values, and attends. */
export const attend = (name: string, heads: number): OpLayer =>
  new OpLayer(name, (x) => {
    const [batch, tokens, width] = x.shape as [number, number, number];
    const depth = width / 3 / heads;
    const parts = tf.split(tf.transpose(tf.reshape(x, [batch, tokens, 3 * heads, depth]), [0, 2, 1, 3]), 3, 1);
    const mixed = attention(...(parts as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]));
    return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, tokens, width / 3]);
  });

export const simple = (name: string, op: (x: never) => tf.Tensor): OpLayer => new OpLayer(name, (x) => op(x as never));
export const relu = (name: string): OpLayer => simple(name, (x: tf.Tensor) => tf.relu(x));

/** Drops the same units in each step, by a mask that does not depend on the backend. */
export const dropped = (name: string): OpLayer =>
  new OpLayer(name, (x, _, training) => {
    if (!training) return x.clone();
    const mask = randomArray(x.shape, 5).data.map((value) => Number(value > -0.5));
    return dropout(x, tf.tensor(Float32Array.from(mask), x.shape), 0.3);
  });
