import { KdError } from '@kd/core';

/** Checks of options, each with the rule in the error. */
export interface Checks {
  (valid: boolean, name: string, rule: string, value: unknown): void;
  whole(name: string, value: number): void;
  classNames(names: readonly string[]): void;
}

export const isWhole = (value: number): boolean => Number.isInteger(value) && value > 0;

/** @param caller the function that errors start with */
export function checksFor(caller: string): Checks {
  const check = (valid: boolean, name: string, rule: string, value: unknown): void => {
    if (valid) return;
    const shown = Array.isArray(value) ? `[${value}]` : String(value);
    throw new KdError('INVALID_ARGUMENT', `${caller}: ${name} must ${rule}, got ${shown}`, { [name]: value });
  };
  return Object.assign(check, {
    whole: (name: string, value: number) => check(isWhole(value), name, 'be a whole number > 0', value),
    classNames: (names: readonly string[]) =>
      check(Array.isArray(names) && names.length >= 2, 'classNames', 'name two classes or more', names?.length),
  });
}
