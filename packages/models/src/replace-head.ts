import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checksFor } from './architectures/checks.ts';
import { architectureOf } from './architectures/registry.ts';
import { getModelConfig } from './model-config.ts';
import { getPreprocessorConfig, setPreprocessorConfig } from './predict/preprocessor-config.ts';
import { batchCounts } from './weights/batch-counts.ts';
import { weightTable } from './weights/table.ts';

export interface ReplaceHeadOptions {
  /** Names of the new classes, in the order of the labels. */
  classNames: readonly string[];
  /** Of the new head's weights: integer in [0, 2^53). @default 0 */
  seed?: number;
}

/**
 * A new model for other classes: the head drawn anew, everything else with the values of the given model, which stays as it
 * is. Where TF.js can, values are shared until one of them is trained.
 *
 * @throws {KdError} NOT_FOUND for a model that was made elsewhere; INVALID_ARGUMENT for fewer than two classes
 *
 * @example
 * import { mlp, replaceHead } from '@kd/models';
 * const model = mlp({ hiddenSizes: [8], classNames: ['cat', 'dog'] });
 * const other = replaceHead(model, { classNames: ['oak', 'elm', 'yew'], seed: 42 });
 * console.log(other.outputShape); // [ null, 3 ]
 */
export function replaceHead(model: LayersModel, { classNames, seed = 0 }: ReplaceHeadOptions): LayersModel {
  const before = getModelConfig(model);
  checksFor('replaceHead').classNames(classNames);
  const architecture = architectureOf('replaceHead', before.modelType);
  const config = { ...before, classNames: [...classNames] };
  const replaced = architecture.build(config);
  const isHead = (name: string): boolean => architecture.heads.some((head) => name.startsWith(`${head}/`));
  const variables = namedVariables(replaced);
  const values = new Map(namedVariables(model).map(({ name, variable }) => [name, variable]));
  for (const { name, variable } of variables) {
    if (!isHead(name)) tf.tidy(() => variable.assign(tf.clone(values.get(name)!)));
  }
  architecture.initialize(
    variables.filter(({ name }) => isHead(name)),
    config,
    seed,
  );
  const [from, to] = [model, replaced].map((each) => batchCounts(each, weightTable(each, architecture.rule)));
  to!.forEach(({ layer }, i) => {
    layer.batches = from![i]!.layer.batches;
  });
  const preprocessor = getPreprocessorConfig(model);
  if (preprocessor) setPreprocessorConfig(replaced, preprocessor);
  return replaced;
}
