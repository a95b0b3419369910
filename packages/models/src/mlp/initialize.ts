import { KdError, randomSource } from '@kd/core';
import type { NamedVariable } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';

/**
 * How weights start:
 * - `heNormal`: kernels N(0, 2 / fan in), biases 0 (He et al. 2015)
 * - `notebook`: kernels N(0, .02^2), biases 0, batch-norm gamma N(1, .02^2) (the MNIST notebook)
 * - `hinton`: kernels N(0, .01^2), biases 0 (Hinton et al. 2012, "Improving neural networks by preventing
 *   co-adaptation of feature detectors", whose nets the distillation paper trains)
 * - `torch`: kernels and biases U(-1 / sqrt(fan in), 1 / sqrt(fan in)) (PyTorch's default for Linear)
 */
export type MlpInitializer = 'heNormal' | 'notebook' | 'hinton' | 'torch';

const MLP_INITIALIZERS: readonly MlpInitializer[] = ['heNormal', 'notebook', 'hinton', 'torch'];

type Draw = (uniform: () => number, normal: () => number) => number;

/** What one value of a variable is drawn from; undefined leaves the layer's own start (0, or 1 for gamma). */
function distribution(initializer: MlpInitializer, weight: string, fanIn: number): Draw | undefined {
  const normal =
    (mean: number, std: number): Draw =>
    (_, draw) =>
      mean + std * draw();
  if (weight === 'kernel') {
    switch (initializer) {
      case 'heNormal':
        return normal(0, Math.sqrt(2 / fanIn));
      case 'notebook':
        return normal(0, 0.02);
      case 'hinton':
        return normal(0, 0.01);
      case 'torch':
        return (uniform) => (2 * uniform() - 1) / Math.sqrt(fanIn);
    }
  }
  if (weight === 'bias' && initializer === 'torch') return (uniform) => (2 * uniform() - 1) / Math.sqrt(fanIn);
  if (weight === 'gamma' && initializer === 'notebook') return normal(1, 0.02);
  return undefined;
}

/** Draws the start of every variable; each has a random stream of its own, named after it. */
export function initialize(variables: readonly NamedVariable[], initializer: MlpInitializer, seed: number): void {
  if (!MLP_INITIALIZERS.includes(initializer)) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `mlp: initializer must be one of ${MLP_INITIALIZERS.join(', ')}, got '${initializer}'`,
      { initializer },
    );
  }
  let fanIn = 1;
  for (const { name, variable } of variables) {
    const weight = name.slice(name.lastIndexOf('/') + 1);
    if (weight === 'kernel') fanIn = variable.shape[0]!;
    const draw = distribution(initializer, weight, fanIn);
    if (!draw) continue;
    const { uniform, normal } = randomSource({ seed, stream: `initial:${name}` });
    const values = Float32Array.from({ length: variable.size }, () => draw(uniform, normal));
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
}
