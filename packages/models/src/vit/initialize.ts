import { randomSource } from '@kd/core';
import type { NamedVariable } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Draws the initial weights as Hugging Face's classes have them: N(0, range^2) for kernels and, but for DeiT, for class
 * token and position embeddings; the rest stays at 0, or 1 for the factors of the normalisations.
 *
 * Their `trunc_normal_` cuts at -2 and 2, 100 standard deviations away, so nothing is ever cut. Each variable has a
 * random stream of its own, named after it: equal seeds give equal bits.
 */
export function initializeEncoder(
  variables: readonly NamedVariable[],
  { initializerRange, modelType }: { initializerRange: number; modelType: 'vit' | 'deit' },
  seed: number,
): void {
  for (const { name, variable } of variables) {
    const isToken = name.endsWith('_token') || name.endsWith('/position_embeddings');
    if (!name.endsWith('/kernel') && !(isToken && modelType === 'vit')) continue;
    const { normal } = randomSource({ seed, stream: `initial:${name}` });
    const values = new Float32Array(variable.size);
    for (let i = 0; i < values.length; i++) values[i] = initializerRange * normal();
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
}
