import { KdError } from '@kd/core';

/** Variables that are updated differently from the others. */
export interface ParameterGroup {
  /** Which ones: a variable belongs to the first group that has a pattern found in its name. */
  names: RegExp | readonly RegExp[];
  /** What the scheduled rate is multiplied by, >= 0: layer-wise rates. @default 1 */
  learningRateScale?: number;
  /** In place of the optimiser's, >= 0. */
  weightDecay?: number;
}

export interface GroupOptions {
  /** How strongly weights are pulled to 0, >= 0. */
  weightDecay?: number;
  /** Exceptions, the first that matches. @default none */
  groups?: readonly ParameterGroup[];
}

/** How one variable is updated. */
export interface ParameterSettings {
  learningRateScale: number;
  weightDecay: number;
}

/**
 * The variables that Hugging Face's Trainer does not decay: biases, shifts of normalisations, and all of a layer norm.
 * (It does decay the scales of batch norms, class tokens and position embeddings.)
 *
 * Reference: Trainer.get_decay_parameter_names of transformers 4.57.
 *
 * @example
 * import { adamW, NO_WEIGHT_DECAY } from '@kd/train';
 * console.log(adamW({ weightDecay: 0.05, groups: [NO_WEIGHT_DECAY] }).settingsOf('classifier/bias').weightDecay); // 0
 */
export const NO_WEIGHT_DECAY: ParameterGroup = { names: [/bias/i, /\/beta$/, /layernorm/i], weightDecay: 0 };

const patterns = ({ names }: ParameterGroup): readonly RegExp[] => (names instanceof RegExp ? [names] : names);

// A pattern with the flag g or y remembers where it was.
const matches = (pattern: RegExp, name: string): boolean => name.search(pattern) >= 0;

/** The group that a variable belongs to. */
export function groupOf(groups: readonly ParameterGroup[], name: string): ParameterGroup | undefined {
  return groups.find((group) => patterns(group).some((pattern) => matches(pattern, name)));
}

/** @returns what each variable gets, by its name, and the same as JSON for checkpoints */
export function parameterGroups(
  where: string,
  { weightDecay = 0, groups = [] }: GroupOptions,
): { settingsOf: (name: string) => ParameterSettings; settings: Record<string, unknown> } {
  const check = (name: string, value: number): void => {
    if (value >= 0 && value < Infinity) return;
    throw new KdError('INVALID_ARGUMENT', `${where}: ${name} must be >= 0, got ${value}`, { [name]: value });
  };
  check('weightDecay', weightDecay);
  groups.forEach((group, i) => {
    check(`groups[${i}].learningRateScale`, group.learningRateScale ?? 1);
    check(`groups[${i}].weightDecay`, group.weightDecay ?? 0);
    if (patterns(group).length > 0 && patterns(group).every((pattern) => pattern instanceof RegExp)) return;
    throw new KdError('INVALID_ARGUMENT', `${where}: groups[${i}].names must be a RegExp or a list of them`, {
      names: group.names,
    });
  });
  return {
    settingsOf(name) {
      const group = groupOf(groups, name);
      return { learningRateScale: group?.learningRateScale ?? 1, weightDecay: group?.weightDecay ?? weightDecay };
    },
    settings: {
      weightDecay,
      ...(groups.length > 0
        ? { groups: groups.map((group) => ({ ...group, names: patterns(group).map(String) })) }
        : {}),
    },
  };
}
