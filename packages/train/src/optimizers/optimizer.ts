import type { NamedTensor } from '@kd/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { ParameterSettings } from './parameter-groups.ts';

/** A variable with its gradient for one update. */
export interface Update {
  name: string;
  variable: tf.Variable;
  gradient: tf.Tensor;
}

/**
 * A rule that moves variables along their gradients. What it remembers is kept by variable name, so it stays right when
 * the set of variables changes, and when a variable has no gradient in some step.
 */
export interface Optimizer {
  /** For logs and checkpoints. */
  readonly name: string;
  /** What else makes it what it is: a checkpoint continues only with the same. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** How the variable of this name is updated: rate and weight decay of its group. */
  settingsOf(name: string): ParameterSettings;
  /** One step for each of the given variables. */
  update(updates: readonly Update[], learningRate: number): void;
  /** Everything it remembers, as plain arrays: `<slot>/<variable>`. */
  state(): Promise<NamedTensor[]>;
  /** Goes on from what `state` gave. */
  restore(state: readonly NamedTensor[]): void;
  dispose(): void;
}
