import { KdError, type TensorFile } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkBackend } from '../check-backend.ts';
import { type ReadReport, type ReadWeightsOptions, readWeights } from '../weights/read-weights.ts';
import { type ReadConfigOptions, readConfig } from './read-config.ts';

export interface LoadPretrainedOptions extends ReadWeightsOptions, ReadConfigOptions {
  /** Names of the classes. With another number of them `ignoreMismatchedSizes` gives a new head. @default the config's */
  classNames?: readonly string[];
  /** Of weights that are not in the file: integer in [0, 2^53). @default 0 */
  seed?: number;
  /** Is told what did not come from the file. */
  onReport?: (report: ReadReport) => void;
}

/**
 * Refuses a config whose model cannot be the file's, before memory is taken for it: config.json may say anything.
 * A new head, or a layer or two that the file lacks, are within the bound.
 */
function checkSize(caller: string, least: number, file: TensorFile): void {
  const stored = file.tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  if (least <= 4 * stored + 1e6) return;
  throw new KdError(
    'MISMATCH',
    `${caller}: config.json describes a model of ${least} weights or more, the file has ${stored}: they are not of one model`,
    { least, stored },
  );
}

/** `loadPretrained` for another function, whose name errors start with. */
export async function loadPretrainedFor(
  caller: string,
  config: unknown,
  file: TensorFile,
  { seed = 0, onReport, ...options }: LoadPretrainedOptions,
): Promise<LayersModel> {
  const { architecture, resolved } = readConfig(caller, config, options);
  checkSize(caller, architecture.leastWeights(resolved), file);
  checkBackend(caller);
  const model = architecture.build(resolved);
  try {
    const { report, rest } = await readWeights(caller, model, architecture, file, options);
    architecture.initialize(rest, resolved, seed);
    onReport?.(report);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

/**
 * A model from the content of a Hugging Face `config.json` and a file of weights, wherever they come from: a browser has
 * them from `fetch`. In Node `fromPretrained` of `@kd/models/node` finds the files.
 *
 * Tensors are read one at a time, straight into the model's variables.
 *
 * @param config the parsed config.json
 * @param file as `openSafetensors` and `openPytorch` of `@kd/core` give it
 * @throws {KdError} UNSUPPORTED for an architecture or a field of the config that is not supported, by name
 * @throws {KdError} MISMATCH if tensors are missing, too many, or of another shape, and the options do not allow it
 * @throws {KdError} INVALID_DATA if a field of the config is of the wrong kind
 *
 * @example
 * import { bytesSource, openSafetensors, writeSafetensors } from '@kd/core';
 * import { loadPretrained, mlp, toPretrained } from '@kd/models';
 * const { config, tensors } = await toPretrained(mlp({ hiddenSizes: [8], classNames: ['cat', 'dog'] }));
 * const file = await openSafetensors(bytesSource(writeSafetensors(tensors)));
 * const model = await loadPretrained(config, file);
 * console.log(model.outputShape); // [ null, 2 ]
 */
export async function loadPretrained(
  config: unknown,
  file: TensorFile,
  options: LoadPretrainedOptions = {},
): Promise<LayersModel> {
  return loadPretrainedFor('loadPretrained', config, file, options);
}
