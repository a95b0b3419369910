import { KdError } from '@kd/core';
import { namedVariables } from '@kd/ops';
import * as tfl from '@tensorflow/tfjs-layers';
import { checkBackend } from '../check-backend.ts';
import { BATCH_NORM_DEFAULTS, BatchNormalization, type BatchNormOptions } from '../layers/batch-normalization.ts';
import { Dropout } from '../layers/dropout.ts';
import { setModelConfig } from '../model-config.ts';
import { initialize, type MlpInitializer } from './initialize.ts';

export interface MlpOptions {
  /** Height, width, channels of an image. @default [28, 28, 1] */
  inputShape?: readonly [number, number, number];
  /** Units of each hidden layer, from the input on. */
  hiddenSizes: readonly number[];
  /** Names of the classes, in the order of the labels. */
  classNames: readonly string[];
  /** Normalise each hidden layer before its ReLU; options, or `true` for PyTorch's defaults. @default false */
  batchNorm?: boolean | BatchNormOptions;
  /** Share of hidden units dropped in training, in [0, 1). @default 0 */
  dropout?: number;
  /** Longest incoming weight vector of a hidden unit, > 0: longer ones are scaled down after each step. */
  maxNorm?: number;
  /** @default 'heNormal' */
  initializer?: MlpInitializer;
  /** Of the initial weights: integer in [0, 2^53). @default 0 */
  seed?: number;
}

/** What `mlp` was made with, defaults filled in; saved with the model. */
export interface MlpConfig extends Required<Omit<MlpOptions, 'batchNorm' | 'maxNorm' | 'seed'>> {
  modelType: 'mlp';
  batchNorm: Required<BatchNormOptions> | false;
  maxNorm: number | false;
}

function check(valid: boolean, message: string, details: Record<string, unknown>): void {
  if (!valid) throw new KdError('INVALID_ARGUMENT', `mlp: ${message}`, details);
}

/** Fills in the defaults and checks all options. */
export function resolveMlp(options: MlpOptions): MlpConfig {
  const { inputShape = [28, 28, 1], hiddenSizes, classNames, dropout = 0, maxNorm, initializer = 'heNormal' } = options;
  const whole = (size: number): boolean => Number.isInteger(size) && size > 0;
  check(
    inputShape.length === 3 && inputShape.every(whole),
    `inputShape must be [height, width, channels], got [${inputShape}]`,
    { inputShape },
  );
  check(hiddenSizes.every(whole), `hiddenSizes must be whole numbers > 0, got [${hiddenSizes}]`, { hiddenSizes });
  check(classNames.length >= 2, `classNames must name two classes or more, got ${classNames.length}`, { classNames });
  check(dropout >= 0 && dropout < 1, `dropout must be in [0, 1), got ${dropout}`, { dropout });
  check(maxNorm === undefined || maxNorm > 0, `maxNorm must be > 0, got ${maxNorm}`, { maxNorm });
  const batchNorm = options.batchNorm
    ? { ...BATCH_NORM_DEFAULTS, ...(options.batchNorm === true ? {} : options.batchNorm) }
    : false;
  return {
    modelType: 'mlp',
    inputShape,
    hiddenSizes: [...hiddenSizes],
    classNames: [...classNames],
    batchNorm,
    dropout,
    maxNorm: maxNorm ?? false,
    initializer,
  };
}

/** The model of a config, its weights still zeros. */
export function buildMlp(config: MlpConfig): tfl.LayersModel {
  const input = tfl.input({ shape: [...config.inputShape], name: 'image' });
  let x = tfl.layers.flatten({ name: 'flatten' }).apply(input) as tfl.SymbolicTensor;
  config.hiddenSizes.forEach((units, i) => {
    const layers: tfl.layers.Layer[] = [
      tfl.layers.dense({
        name: `fc${i + 1}`,
        units,
        kernelInitializer: 'zeros', // drawn below
        ...(config.maxNorm ? { kernelConstraint: tfl.constraints.maxNorm({ maxValue: config.maxNorm, axis: 0 }) } : {}),
      }),
      ...(config.batchNorm ? [new BatchNormalization({ name: `bn${i + 1}`, ...config.batchNorm })] : []),
      tfl.layers.reLU({ name: `relu${i + 1}` }),
      ...(config.dropout ? [new Dropout({ name: `dropout${i + 1}`, rate: config.dropout })] : []),
    ];
    for (const layer of layers) x = layer.apply(x) as tfl.SymbolicTensor;
  });
  const head = tfl.layers.dense({ name: 'logits', units: config.classNames.length, kernelInitializer: 'zeros' });
  const model = tfl.model({ inputs: input, outputs: head.apply(x) as tfl.SymbolicTensor, name: 'mlp' });
  setModelConfig(model, config);
  return model;
}

/**
 * A multi-layer perceptron on images: flatten, then `dense, [batch-norm], ReLU, [dropout]` for each hidden layer, and
 * a dense layer that gives the logits.
 *
 * Input float32 [batch, height, width, channels], output float32 [batch, classes]. In training pass
 * `{ training: true, context }` to `apply`; dropout takes its mask from the context.
 *
 * @returns a LayersModel; saved, it consists of TF.js' own layers
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Hinton, Vinyals, Dean 2015, section 3: teacher 1200-1200, student 800-800.
 *
 * @example
 * import { mlp } from '@kd/models';
 * const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
 * const student = mlp({ hiddenSizes: [800, 800], classNames: digits, seed: 42 });
 * console.log(student.countParams()); // 1276810
 */
export function mlp(options: MlpOptions): tfl.LayersModel {
  const config = resolveMlp(options);
  checkBackend('mlp');
  const model = buildMlp(config);
  initialize(namedVariables(model), config.initializer, options.seed ?? 0);
  return model;
}
