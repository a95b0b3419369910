import { fail } from './errors.ts';

/** What an option may be: true where it is that, else what it must be, in words. */
export type Rule = (value: never) => true | string;

export const positive: Rule = (value: number) => (value > 0 && value < Infinity) || '> 0';
export const notNegative: Rule = (value: number) => (value >= 0 && value < Infinity) || '>= 0';
export const share: Rule = (value: number) => (value >= 0 && value <= 1) || 'in [0, 1]';
/** For what is checked elsewhere, or cannot be out of range. */
export const any: Rule = () => true;
export const oneOf =
  (...words: string[]): Rule =>
  (value: string) =>
    words.includes(value) || words.join(' or ');

/**
 * Refuses options that are out of range, and those that do not exist: a misspelt one would be ignored in silence, and
 * the loss be another than the one asked for.
 */
export function checkOptions(caller: string, options: object, rules: Readonly<Record<string, Rule>>): void {
  for (const [name, value] of Object.entries(options)) {
    const verdict = value === undefined || rules[name]?.(value as never);
    if (verdict !== true) {
      const problem = verdict ? `must be ${verdict}, got ${value}` : `is none of ${Object.keys(rules).join(', ')}`;
      fail('INVALID_ARGUMENT', caller, `${name} ${problem}`, { [name]: value });
    }
  }
}
