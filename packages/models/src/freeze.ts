import { KdError } from '@kd/core';
import { namedVariables } from '@kd/ops';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';

/**
 * Keeps training from changing the variables whose names match, such as `conv1/kernel` or `encoder.layer.0.mlp/output/bias`
 * (`layer/weight`). Batch-norms go on to update their running statistics in training, as in PyTorch.
 *
 * It does not travel with a saved model.
 *
 * @param names a pattern, or several: a variable that one of them matches is frozen
 * @param frozen `false` makes them trainable again
 * @returns the names of the variables that match
 * @throws {KdError} NOT_FOUND if a pattern matches no trainable variable: it would be a typing error
 *
 * @example
 * import { freeze, mlp } from '@kd/models';
 * const model = mlp({ hiddenSizes: [8, 4], classNames: ['cat', 'dog'] });
 * console.log(freeze(model, /^fc/)); // [ 'fc1/kernel', 'fc1/bias', 'fc2/kernel', 'fc2/bias' ]
 * console.log(model.trainableWeights.length); // 2
 */
export function freeze(model: LayersModel, names: RegExp | readonly RegExp[], frozen = true): string[] {
  const patterns = names instanceof RegExp ? [names] : names;
  const all = namedVariables(model)
    .map(({ name }, i) => ({ name, weight: model.weights[i] as LayerVariable }))
    .filter(({ name }) => !/\/moving_(mean|variance)$/.test(name));
  const matches = (pattern: RegExp, name: string): boolean => name.search(pattern) >= 0; // also with the flag g
  const missed = patterns.find((pattern) => !all.some(({ name }) => matches(pattern, name)));
  if (missed) {
    const few = all.slice(0, 3).map(({ name }) => `'${name}'`);
    throw new KdError('NOT_FOUND', `freeze: ${missed} matches no variable of '${model.name}' (${few}, …)`, {
      pattern: String(missed),
    });
  }
  const found = all.filter(({ name }) => patterns.some((pattern) => matches(pattern, name)));
  for (const { weight } of found) weight.trainable = !frozen;
  return found.map(({ name }) => name);
}
