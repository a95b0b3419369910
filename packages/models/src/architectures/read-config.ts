import { KdError } from '@kd/core';
import type { AnyConfig, Architecture } from './architecture.ts';
import { ConfigFields } from './config-fields.ts';
import { readClassNames } from './labels.ts';
import { architectureOf } from './registry.ts';

export interface ReadConfigOptions {
  /** Names of the classes. @default the config's */
  classNames?: readonly string[];
  /** Fields of config.json to leave out of account, which are refused otherwise. @default [] */
  ignoreFields?: readonly string[];
  /**
   * Options of the model that config.json does not know or that shall differ from it, by the names of the model's own
   * function: `inputSize` of a ViT, `batchNormMomentum` of a MobileNetV2. @default {}
   */
  modelOptions?: Readonly<Record<string, unknown>>;
}

/** What model a parsed config.json describes. */
export function readConfig(
  caller: string,
  config: unknown,
  { classNames, ignoreFields = [], modelOptions = {} }: ReadConfigOptions,
): { architecture: Architecture; resolved: AnyConfig } {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new KdError('INVALID_DATA', `${caller}: config.json is no object`);
  }
  const json = config as Record<string, unknown>;
  const architecture = architectureOf(caller, json.model_type);
  const fields = new ConfigFields(caller, json);
  fields.ignore(...ignoreFields);
  const read = architecture.readConfig(fields, classNames ?? readClassNames(caller, json));
  fields.finish();
  const unknown = Object.keys(modelOptions).filter((name) => !Object.hasOwn(read, name) || name === 'modelType');
  if (unknown.length > 0) {
    const message = `${caller}: modelOptions ${unknown.join(', ')} are none of '${architecture.modelType}'`;
    throw new KdError('INVALID_ARGUMENT', message, { unknown });
  }
  return { architecture, resolved: { ...read, ...modelOptions } };
}
