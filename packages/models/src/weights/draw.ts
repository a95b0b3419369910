import { type RandomSource, randomSource } from '@kd/core';
import type { NamedVariable } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';

/** What a value of a variable is drawn from. */
export type Draw = (random: RandomSource) => number;

/** N(0, std^2) */
export const normal =
  (std: number): Draw =>
  (random) =>
    std * random.normal();

/** U(-bound, bound) */
export const uniform =
  (bound: number): Draw =>
  (random) =>
    bound * (2 * random.uniform() - 1);

/** PyTorch's `kaiming_normal_(mode='fan_out')` for a kernel [height, width, in, out] before a ReLU. */
export function kaimingFanOut([height, width, , outputs]: readonly number[]): Draw {
  return normal(Math.sqrt(2 / (height! * width! * outputs!)));
}

/**
 * Draws variables; those without a distribution keep what they have. Each has a random stream of its own, named after it:
 * equal seeds give equal bits, whichever others are drawn.
 */
export function drawVariables(
  variables: readonly NamedVariable[],
  seed: number,
  drawOf: (name: string, shape: readonly number[]) => Draw | undefined,
): void {
  for (const { name, variable } of variables) {
    const draw = drawOf(name, variable.shape);
    if (!draw) continue;
    const random = randomSource({ seed, stream: `initial:${name}` });
    const values = Float32Array.from({ length: variable.size }, () => draw(random));
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
}
