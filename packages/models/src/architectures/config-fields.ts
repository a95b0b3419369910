import { KdError } from '@kd/core';

/** Fields that say nothing about the network, or nothing that a classifier's logits depend on. */
const HARMLESS = [
  '_name_or_path',
  '_commit_hash',
  '_attn_implementation_autoset',
  'attn_implementation',
  'architectures',
  'dtype',
  'finetuning_task',
  'id2label',
  'label2id',
  'model_type',
  'name_or_path',
  'num_labels',
  'task_specific_params',
  'torch_dtype',
  'torchscript',
  'transformers_version',
  'use_bfloat16',
  'use_cache',
  'output_attentions',
  'output_hidden_states',
  'return_dict',
];

/** Fields of every config that are supported at one value only. */
const FIXED: Readonly<Record<string, readonly unknown[]>> = {
  chunk_size_feed_forward: [0],
  is_decoder: [false],
  is_encoder_decoder: [false],
  problem_type: ['single_label_classification'],
  pruned_heads: [undefined],
  quantization_config: [undefined],
};

type Kind = 'number' | 'whole' | 'boolean' | 'string' | 'numbers' | 'size';

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const KINDS: Readonly<Record<Kind, { is: (value: unknown) => boolean; what: string }>> = {
  number: { is: Number.isFinite, what: 'a number' },
  whole: { is: isWhole, what: 'a whole number' },
  boolean: { is: (value) => typeof value === 'boolean', what: 'true or false' },
  string: { is: (value) => typeof value === 'string', what: 'text' },
  numbers: { is: (value) => Array.isArray(value) && value.every(isWhole), what: 'a list of whole numbers' },
  size: {
    is: (value) => isWhole(value) || (Array.isArray(value) && value.length === 2 && value.every(isWhole)),
    what: 'a whole number or two',
  },
};

interface Values {
  number: number;
  whole: number;
  boolean: boolean;
  string: string;
  numbers: number[];
  size: number | [number, number];
}

/** The fields of a config.json. It knows which were read, so that none is ignored. */
export class ConfigFields {
  private readonly caller: string;
  private readonly json: Readonly<Record<string, unknown>>;
  private readonly left: Set<string>;

  /** @param caller what errors start with */
  constructor(caller: string, json: Readonly<Record<string, unknown>>) {
    this.caller = caller;
    this.json = json;
    this.left = new Set(Object.keys(json));
    this.ignore(...HARMLESS);
    for (const [name, allowed] of Object.entries(FIXED)) {
      const value = this.raw(name);
      const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
      if (value !== undefined && value !== null && !isEmpty && !allowed.includes(value)) this.refuse(name, allowed);
    }
  }

  private raw(name: string): unknown {
    this.left.delete(name);
    return Object.hasOwn(this.json, name) ? this.json[name] : undefined;
  }

  private refuse(name: string, allowed: readonly unknown[]): never {
    const value = this.json[name];
    const rule = allowed.filter((each) => each !== undefined).map((each) => JSON.stringify(each));
    throw new KdError(
      'UNSUPPORTED',
      `${this.caller}: config.json has ${name} ${JSON.stringify(value)}; supported: ${rule.join(', ') || 'none'}`,
      { name, value },
    );
  }

  /**
   * A field, or the default of Hugging Face's class if it is absent.
   *
   * @throws {KdError} INVALID_DATA if it is of another kind
   */
  get<K extends Kind>(name: string, kind: K, fallback: Values[K]): Values[K] {
    const value = this.raw(name) ?? fallback;
    const { is, what } = KINDS[kind];
    if (is(value)) return value as Values[K];
    const message = `${this.caller}: ${name} in config.json must be ${what}, got ${JSON.stringify(value)}`;
    throw new KdError('INVALID_DATA', message, { name, value });
  }

  /**
   * Refuses a field that is not at a supported value; absent and null are.
   *
   * @throws {KdError} UNSUPPORTED by name
   */
  only(name: string, ...allowed: readonly unknown[]): void {
    const value = this.raw(name);
    if (value !== undefined && value !== null && !allowed.includes(value)) this.refuse(name, allowed);
  }

  /** Fields without influence on a classifier. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.left.delete(name);
  }

  /** The class in `architectures`, or undefined. */
  className(): string | undefined {
    const { architectures } = this.json;
    return Array.isArray(architectures) && typeof architectures[0] === 'string' ? architectures[0] : undefined;
  }

  /**
   * To be called when all fields were read.
   *
   * @throws {KdError} UNSUPPORTED if there are others, with their names
   */
  finish(): void {
    if (this.left.size === 0) return;
    const names = [...this.left];
    throw new KdError(
      'UNSUPPORTED',
      `${this.caller}: config.json has fields that are not supported: ${names.join(', ')}; ` +
        'if they do not matter, name them in ignoreFields',
      { names },
    );
  }
}
