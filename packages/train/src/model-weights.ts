import { fingerprint, KdError, type NamedTensor } from '@kd/core';
import { type NamedVariable, namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Variables as plain arrays. */
export async function readWeights(variables: readonly NamedVariable[]): Promise<NamedTensor[]> {
  const weights: NamedTensor[] = [];
  for (const { name, variable } of variables) {
    weights.push({ name, shape: variable.shape, data: (await variable.data()) as Float32Array });
  }
  return weights;
}

/** Puts back what `readWeights` gave. Nothing is changed unless everything fits. */
export function writeWeights(variables: readonly NamedVariable[], weights: readonly NamedTensor[]): void {
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  for (const { name, variable } of variables) {
    const weight = byName.get(name);
    if (weight?.shape.join() !== variable.shape.join()) {
      throw new KdError(
        'MISMATCH',
        `train: saved weights have ${weight ? `shape [${weight.shape}]` : 'nothing'} for '${name}', ` +
          `the model or objective wants [${variable.shape}]`,
        { name },
      );
    }
  }
  for (const { name, variable } of variables) {
    const { data, shape } = byName.get(name)!;
    tf.tidy(() => variable.assign(tf.tensor(data as Float32Array, [...shape])));
  }
}

/**
 * SHA-256 of a model's weights, by name, shape and bits.
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { modelFingerprint } from '@kd/train';
 * const make = () => mlp({ hiddenSizes: [4], classNames: ['cat', 'dog'], seed: 1 });
 * console.log((await modelFingerprint(make())) === (await modelFingerprint(make()))); // true
 */
export async function modelFingerprint(model: LayersModel): Promise<string> {
  return fingerprint(await readWeights(namedVariables(model)));
}
