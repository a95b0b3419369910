import type * as tf from '@tensorflow/tfjs-core';
import { fail } from '../internal/errors.ts';

/** What every connector is told. */
export interface ConnectorOptions {
  /** Begins the names of its variables: `<name>/kernel` …. Another for each connector of a training. */
  name: string;
  /** The same seed and name give the same variables. A whole number. @default 0 */
  seed?: number;
}

/** A variable of a connector: a `NamedVariable` of `@kd/ops`, so it can stand in one list with a model's. */
export interface ConnectorVariable {
  /** The name for optimisers and checkpoints. TF.js' own is unique in the process instead, so it changes from run to run. */
  name: string;
  variable: tf.Variable;
  trainable: boolean;
}

/**
 * Turns features of the student into some that compare with the teacher's. It is trained with the student and thrown
 * away after: a part of the loss, not of the model.
 */
export interface Connector<Inputs extends readonly unknown[] = [features: tf.Tensor4D], Output = tf.Tensor4D> {
  /** For the optimiser, and for checkpoints of the training, not for those of the student. */
  readonly variables: readonly ConnectorVariable[];
  /** Differentiable in its features and its variables. */
  apply(...inputs: Inputs): Output;
  /** Frees the variables. */
  dispose(): void;
}

/**
 * The variables of several connectors in one list. A connector that is used twice gives its own once.
 *
 * @throws {KdError} INVALID_ARGUMENT if two variables have the same name: optimisers and checkpoints would mix them up
 *
 * @example
 * import { connectorVariables, linearConnector } from '@kd/losses';
 * const hint = linearConnector({ name: 'hint', inputFeatures: 3, outputFeatures: 5 });
 * console.log(connectorVariables(hint, hint).map(({ name }) => name)); // [ 'hint/kernel', 'hint/bias' ]
 */
export function connectorVariables(...connectors: readonly Pick<Connector, 'variables'>[]): ConnectorVariable[] {
  const byName = new Map<string, ConnectorVariable>();
  for (const each of connectors.flatMap(({ variables }) => variables)) {
    const { name, variable } = each;
    if ((byName.get(name) ?? each).variable !== variable) {
      const problem = `two variables are called '${name}'; give each connector a name of its own`;
      fail('INVALID_ARGUMENT', 'connectorVariables', problem, { name });
    }
    byName.set(name, each);
  }
  return [...byName.values()];
}
