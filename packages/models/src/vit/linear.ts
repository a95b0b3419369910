import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';

/** A dense layer's weights: kernel [inputs, outputs], bias [outputs]. */
export interface LinearWeights {
  kernel: LayerVariable;
  bias?: LayerVariable;
}

/** Adds a weight to a layer, as `Layer.addWeight` does; it starts at zero. */
export type AddWeight = (name: string, shape: number[]) => LayerVariable;

/** The weights `name/kernel` and, if there is one, `name/bias`. */
export function linearWeights(
  add: AddWeight,
  name: string,
  inputs: number,
  outputs: number,
  useBias = true,
): LinearWeights {
  const kernel = add(`${name}/kernel`, [inputs, outputs]);
  return useBias ? { kernel, bias: add(`${name}/bias`, [outputs]) } : { kernel };
}

/**
 * `output = x kernel + bias`, of each row
 *
 * @param x float32 [..., inputs]
 * @returns float32 [..., outputs]
 */
export function linear(x: tf.Tensor, { kernel, bias }: LinearWeights): tf.Tensor {
  return tf.tidy(() => {
    const matrix = kernel.read() as tf.Tensor2D;
    const rows = tf.matMul(tf.reshape(x, [-1, matrix.shape[0]]) as tf.Tensor2D, matrix);
    return tf.reshape(bias ? tf.add(rows, bias.read()) : rows, [...x.shape.slice(0, -1), matrix.shape[1]]);
  });
}
