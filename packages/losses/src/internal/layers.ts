import * as tf from '@tensorflow/tfjs-core';
import type { Connector, ConnectorOptions, ConnectorVariable } from '../connectors/connector.ts';
import { fail } from './errors.ts';
import { checkOptions, type Rule } from './options.ts';
import { product } from './product.ts';

export const count: Rule = (value: number) => (Number.isInteger(value) && value > 0) || 'a whole number > 0';
const text: Rule = (value: string) => (typeof value === 'string' && value !== '') || 'a text';
const whole: Rule = (value: number) => Number.isInteger(value) || 'a whole number';

/** A connector under construction: layers add their variables to it. */
export interface Draft {
  /** With the connector's name, for errors. */
  readonly caller: string;
  readonly variables: readonly ConnectorVariable[];
  /** A variable that starts uniform in [-bound, bound). */
  uniform(part: string, shape: number[], bound: number): tf.Variable;
  /** A variable of rank 1 that starts at one value. */
  constant(part: string, size: number, value: number): tf.Variable<tf.Rank.R1>;
}

/** Checks counts that must be given, and options that may be. */
export function checkCounts<T extends object>(
  caller: string,
  options: T,
  counts: readonly (keyof T & string)[],
  rules: Readonly<Record<string, Rule>> = {},
): void {
  const given = counts.map((name) => [name, options[name] ?? 'none']);
  const rulesOfCounts = Object.fromEntries(counts.map((name) => [name, count]));
  checkOptions(caller, { ...options, ...Object.fromEntries(given) }, { ...rulesOfCounts, ...rules });
}

/** Checks the options as `checkCounts`, and those of all connectors. */
export function draft<T extends ConnectorOptions>(
  caller: string,
  options: T,
  counts: readonly (keyof T & string)[],
  rules?: Readonly<Record<string, Rule>>,
): Draft {
  const { name = '', seed = 0 } = options;
  checkCounts(caller, { ...options, name }, counts, { name: text, seed: whole, ...rules });
  const variables: ConnectorVariable[] = [];
  function add<R extends tf.Rank>(part: string, initial: tf.Tensor<R>): tf.Variable<R> {
    const variable = tf.variable(initial); // without a name: TF.js wants its own to be unique in the process
    initial.dispose();
    variables.push({ name: `${name}/${part}`, variable, trainable: true });
    return variable;
  }
  return {
    caller: `${caller} '${name}'`,
    variables,
    // The name is part of the seed, so that no two variables start alike. (TF.js takes the number 0 for no seed.)
    uniform: (part, shape, bound) =>
      add(part, tf.randomUniform(shape, -bound, bound, 'float32', `${seed}/${name}/${part}`)),
    constant: (part, size, value) => add(part, tf.fill<tf.Rank.R1>([size], value)),
  };
}

export function connector<Inputs extends readonly unknown[], Output extends tf.TensorContainer>(
  { variables }: Draft,
  apply: (...inputs: Inputs) => Output,
): Connector<Inputs, Output> {
  return {
    variables,
    apply: (...inputs) => tf.tidy(() => apply(...inputs)),
    dispose: () => {
      for (const { variable } of variables) if (!variable.isDisposed) variable.dispose();
    },
  };
}

type Layer = <T extends tf.Tensor>(x: T) => T;

interface DenseOptions {
  bias?: boolean;
  /** That of PyTorch's `kaiming_uniform_`, `a`; by default a kernel starts in ±1 / sqrt(inputs). @default sqrt(5) */
  slope?: number;
}

/**
 * `x . kernel + bias` over the last dimension: a linear layer, and a 1 x 1 convolution; of `neighbourhoods` a 3 x 3 one.
 * A product of matrices, since TF.js' convolution cannot train on WebAssembly.
 */
export function dense(
  { uniform }: Draft,
  prefix: string,
  [inputs, outputs]: readonly [number, number],
  { bias = true, slope = Math.sqrt(5) }: DenseOptions = {},
): Layer {
  const kernel = uniform(`${prefix}kernel`, [inputs, outputs], Math.sqrt(6 / ((1 + slope * slope) * inputs)));
  const shift = bias && uniform(`${prefix}bias`, [outputs], 1 / Math.sqrt(inputs));
  return <T extends tf.Tensor>(x: T) => {
    const rows = product(tf.reshape(x, [-1, inputs]), kernel as tf.Tensor2D);
    return tf.reshape(shift ? tf.add(rows, shift) : rows, [...x.shape.slice(0, -1), outputs]) as T;
  };
}

/** The 3 x 3 values around each, zeros beyond the edge: float32 [batch, height, width, 9 * channels]. */
export function neighbourhoods(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width] = x.shape;
  const padded = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  const shifts = [0, 1, 2];
  const columns = tf.concat(
    shifts.map((i) => tf.slice(padded, [0, 0, i, 0], [batch, height + 2, width, -1])),
    3,
  );
  return tf.concat(
    shifts.map((i) => tf.slice(columns, [0, i, 0, 0], [batch, height, width, -1])),
    3,
  );
}

/** Batch normalisation by the statistics of the batch, always: it keeps no others. Epsilon 1e-5, as PyTorch. */
export function batchNorm({ caller, constant }: Draft, prefix: string, channels: number): Layer {
  const gamma = constant(`${prefix}gamma`, channels, 1);
  const beta = constant(`${prefix}beta`, channels, 0);
  return <T extends tf.Tensor>(x: T) => {
    if (x.size <= channels) {
      const problem = `batch norm needs two values a channel or more, got [${x.shape}]; leave a last batch of one out`;
      fail('INVALID_ARGUMENT', caller, problem, { features: x.shape });
    }
    const rows = tf.reshape(x, [-1, channels]);
    const { mean, variance } = tf.moments(rows, 0);
    const normal = tf.mul(tf.sub(rows, mean), tf.rsqrt(tf.add(variance, 1e-5)));
    return tf.reshape(tf.add(tf.mul(normal, gamma), beta), x.shape) as T;
  };
}
