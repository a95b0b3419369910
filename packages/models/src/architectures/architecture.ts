import type { NamedVariable } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { NamingRule } from '../weights/table.ts';
import type { ConfigFields } from './config-fields.ts';

/** What every model's config has. */
export interface AnyConfig {
  modelType: string;
  classNames: readonly string[];
}

/** All that moves an architecture's models between here and Hugging Face's files. */
export interface Architecture<C extends AnyConfig = AnyConfig> {
  /** As in the config; `model_type` in config.json. */
  modelType: C['modelType'];
  /** Reads a config.json; whatever it does not read is refused. */
  readConfig(fields: ConfigFields, classNames: readonly string[]): C;
  /** The fields of config.json, less those that all architectures have; `architectures` among them. */
  writeConfig(config: C): Record<string, unknown>;
  /** The model; weights at 0, factors and variances of normalisations at 1. */
  build(config: C): LayersModel;
  /**
   * A lower bound on the weights of a config's model, without building it: what is certain of the sizes of its kernels. It
   * need not be close, but has to grow with every field that the model grows with.
   */
  leastWeights(config: C): number;
  /** Draws the start of some of its variables. Each has a random stream of its own, named after it. */
  initialize(variables: readonly NamedVariable[], config: C, seed: number): void;
  /** Names and layouts of its weights in files. */
  rule: NamingRule;
  /** What names in files start with, but for the head; files of the bare backbone lack it. */
  prefix?: string;
  /** Tensors that files may have and that do not belong to a classifier, such as a pooler. */
  isIgnorable?(name: string): boolean;
  /** Layers of the head, whose shape depends on the number of classes. */
  heads: readonly string[];
}
