import { KdError } from '@kd/core';
import { DEFAULTS, DERIVED, NOT_KEPT } from './defaults.ts';
import { FOREIGN_DEFAULTS, MEANINGLESS, type MeaninglessName, REFUSED } from './foreign-arguments.ts';
import { nearestNames } from './nearest-names.ts';

/** All names of `TrainingArguments`. */
export const ARGUMENT_NAMES: readonly string[] = [...Object.keys(DEFAULTS), ...DERIVED, ...NOT_KEPT];

const isOn = (name: string, value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== (FOREIGN_DEFAULTS[name] ?? false) &&
  value !== '' &&
  value !== 0 &&
  !(Array.isArray(value) && value.length === 0);

/**
 * Looks at the names alone: what nobody knows, and what would make another result, is an error; what has no meaning is
 * answered.
 *
 * @param others names that the caller knows besides
 * @returns what to use in place of arguments without a meaning
 */
export function checkNames(caller: string, given: object, others: readonly string[] = []): string[] {
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (ARGUMENT_NAMES.includes(name) || others.includes(name)) continue;
    const meaningless = Object.hasOwn(MEANINGLESS, name);
    if (meaningless || Object.hasOwn(REFUSED, name)) {
      if (!isOn(name, value)) continue;
      if (!meaningless) {
        throw new KdError('UNSUPPORTED', `${caller}: ${name} is not supported: ${REFUSED[name]}`, { [name]: value });
      }
      warnings.push(
        `${caller}: ${name} has no meaning here and is left aside: ${MEANINGLESS[name as MeaninglessName]}`,
      );
      continue;
    }
    const near = nearestNames(name, [...ARGUMENT_NAMES, ...others]);
    const known = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'see TrainingArguments for those there are';
    throw new KdError('INVALID_ARGUMENT', `${caller}: there is no argument '${name}': ${known}`, { name, near });
  }
  return warnings;
}
