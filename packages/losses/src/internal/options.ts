import { fail } from './errors.ts';

/** What a number or a word may be: in words, for the message, and as a test. */
export type Rule = readonly [range: string, holds: (value: never) => boolean];

export const positive: Rule = ['> 0', (value: number) => value > 0 && value < Infinity];
export const notNegative: Rule = ['>= 0', (value: number) => value >= 0 && value < Infinity];
export const share: Rule = ['in [0, 1]', (value: number) => value >= 0 && value <= 1];
/** For what is checked elsewhere, or cannot be out of range. */
export const any: Rule = ['', () => true];
export const oneOf = (...words: string[]): Rule => [words.join(' or '), (value: string) => words.includes(value)];

/**
 * Refuses options that are out of range, and those that do not exist: a misspelt one would be ignored in silence, and
 * the loss be another than the one asked for.
 */
export function checkOptions(caller: string, options: object, rules: Readonly<Record<string, Rule>>): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = rules[name];
    if (value !== undefined && !rule?.[1](value as never)) {
      const problem = rule
        ? `must be ${rule[0]}, got ${value}`
        : `is no option; there are ${Object.keys(rules).join(', ')}`;
      fail('INVALID_ARGUMENT', caller, `${name} ${problem}`, { [name]: value });
    }
  }
}
