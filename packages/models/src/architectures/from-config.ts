import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkBackend } from '../check-backend.ts';
import { type ReadConfigOptions, readConfig } from './read-config.ts';

export interface FromConfigOptions extends ReadConfigOptions {
  /** Of the initial weights: integer in [0, 2^53). @default 0 */
  seed?: number;
}

/**
 * A model with random weights from the content of a Hugging Face `config.json`: a student of somebody's architecture, to be
 * trained from scratch. `fromPretrained` of `@kd/models/node` and `loadPretrained` give it the weights as well.
 *
 * @param config the parsed config.json
 * @throws {KdError} UNSUPPORTED for an architecture or a field of the config that is not supported, by name
 * @throws {KdError} INVALID_DATA if a field of the config is of the wrong kind
 *
 * Reference: `AutoModelForImageClassification.from_config` of transformers.
 *
 * @example
 * import { countParameters, fromConfig } from '@kd/models';
 * const config = { model_type: 'mobilenet_v2', depth_multiplier: 0.5, num_labels: 3 };
 * const model = fromConfig(config, { classNames: ['spot', 'rust', 'healthy'], seed: 42 });
 * console.log(countParameters(model), model.outputShape); // 691523 [ null, 3 ]
 */
export function fromConfig(config: unknown, options: FromConfigOptions = {}): LayersModel {
  return buildFor('fromConfig', config, options);
}

/** `fromConfig` for another function, whose name errors start with. */
export function buildFor(caller: string, config: unknown, { seed = 0, ...options }: FromConfigOptions): LayersModel {
  const { architecture, resolved } = readConfig(caller, config, options);
  checkBackend(caller);
  const model = architecture.build(resolved);
  architecture.initialize(namedVariables(model), resolved, seed);
  return model;
}
