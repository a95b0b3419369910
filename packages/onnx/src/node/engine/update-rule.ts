import { KdError } from '@kd/core';
import type { UpdateRule } from '../../updates/rules.ts';
import type { DescribedOptimizer } from './engine-types.ts';

/** The rule of each optimiser, and its settings. */
const RULES: Readonly<Record<string, { rule: UpdateRule['name']; settings: readonly string[] }>> = {
  adam: { rule: 'adam', settings: ['beta1', 'beta2', 'epsilon'] },
  adamW: { rule: 'adam', settings: ['beta1', 'beta2', 'epsilon'] },
  sgd: { rule: 'sgd', settings: ['momentum', 'nesterov'] },
};

/** Asked of the optimiser for each variable. */
const GROUP_SETTINGS = ['weightDecay', 'groups'];

/**
 * The flat form of an optimiser of @kd/train, by its name and settings.
 *
 * @throws {KdError} UNSUPPORTED for an optimiser, or a setting of one, that has no flat form
 */
export function ruleOf({ name, settings = {} }: DescribedOptimizer): UpdateRule {
  const known = RULES[name];
  const own = Object.entries(settings).filter(([setting]) => !GROUP_SETTINGS.includes(setting));
  const unknown = own.flatMap(([setting]) => (known?.settings.includes(setting) ? [] : [setting]));
  const missing = known?.settings.filter((setting) => !(setting in settings)) ?? [];
  if (!known || unknown.length > 0 || missing.length > 0) {
    const what = known ? `${[...unknown, ...missing].join(', ')} of optimizer '${name}'` : `optimizer '${name}'`;
    throw new KdError(
      'UNSUPPORTED',
      `onnxEngine: ${what} has no form for flat arrays; take ${Object.keys(RULES).join(', ')} of @kd/train, or ` +
        'tfjsEngine()',
      { name, settings },
    );
  }
  return { name: known.rule, ...Object.fromEntries(own) } as UpdateRule;
}
