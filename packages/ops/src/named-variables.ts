import type * as tf from '@tensorflow/tfjs-core';
import { opError } from './errors.ts';

/** The part of a `tf.LayersModel` that holds its variables; this package does not depend on tfjs-layers. */
export interface HasWeights {
  readonly weights: readonly { readonly originalName: string; readonly trainable: boolean }[];
}

/** One variable of a model. */
export interface NamedVariable {
  /** `layer/weight`: the name that files use. TF.js' own is unique in the process instead, so it changes from run to run. */
  name: string;
  variable: tf.Variable;
  trainable: boolean;
  /** Projects the value after each update, such as max-norm. */
  constraint?: (value: tf.Tensor) => tf.Tensor;
}

/**
 * The variables of a layers model by name, in the order of the model's layers, statistics of batch-norm included.
 *
 * @throws {KdError} INVALID_ARGUMENT if two have the same name, as layers of nested models may
 *
 * @example
 * import { namedVariables } from '@kd/ops';
 * import * as tf from '@tensorflow/tfjs';
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], name: 'fc' })] });
 * console.log(namedVariables(model).map(({ name }) => name)); // [ 'fc/kernel', 'fc/bias' ]
 */
export function namedVariables(model: HasWeights): NamedVariable[] {
  const names = new Set<string>();
  return model.weights.map((weight) => {
    // `val` is protected in TF.js' types; optimisers need the variable itself.
    const { originalName, trainable, val, constraint } = weight as typeof weight & {
      val: tf.Variable;
      constraint?: { apply(value: tf.Tensor): tf.Tensor } | null;
    };
    if (names.has(originalName)) {
      throw opError(
        'INVALID_ARGUMENT',
        `namedVariables: two weights are called '${originalName}'; give the layers of nested models different names`,
        { name: originalName },
      );
    }
    names.add(originalName);
    return {
      name: originalName,
      variable: val,
      trainable,
      ...(constraint ? { constraint: (value: tf.Tensor) => constraint.apply(value) } : {}),
    };
  });
}
