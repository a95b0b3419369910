import { isDeepStrictEqual } from 'node:util';
import { KdError } from '@kd/core';
import type { Arm, ArmSettings } from '../../experiments/arm.ts';
import type { ArmDescription, ArmModule } from './messages.ts';

/** What is compared, by name: the order is that of the rows. */
export type Arms = Readonly<Record<string, Arm>>;

/** Imports the module that says how to run: its arms, or under the name `run` the one function of a sweep. */
export async function loadArms({ href, exported }: ArmModule): Promise<Arms> {
  const module = (await import(href)) as Record<string, unknown>;
  const found = module[exported];
  const isRight = exported === 'run' ? typeof found === 'function' : typeof found === 'object' && found !== null;
  if (!isRight) {
    const names = Object.keys(module).join(', ') || 'nothing';
    const [caller, what] = exported === 'run' ? ['sweep', 'a function'] : ['compare', 'an object of arms'];
    throw new KdError('NOT_FOUND', `${caller}: '${href}' must export ${what} as '${exported}'; it exports ${names}`);
  }
  return exported === 'run' ? { run: { settings: {}, run: found as Arm['run'] } } : (found as Arms);
}

/** The arms without their functions, checked. */
export function describeArms(arms: Arms): ArmDescription[] {
  return Object.entries(arms).map(([name, { settings, run, command }]) => {
    checkName('compare', 'an arm', name);
    if (typeof run !== 'function') {
      throw new KdError('INVALID_ARGUMENT', `compare: arm '${name}' has no function 'run'`, { name });
    }
    checkSettings('compare', `arm '${name}'`, settings);
    return { name, settings, ...(command === undefined ? {} : { command }) };
  });
}

/** Settings are compared with those in a file, so they must come back from it as they are. */
export function checkSettings(caller: string, what: string, settings: ArmSettings): void {
  const isPlain = typeof settings === 'object' && settings !== null;
  if (isPlain && isDeepStrictEqual(JSON.parse(JSON.stringify(settings)), settings)) return;
  throw new KdError(
    'INVALID_ARGUMENT',
    `${caller}: the settings of ${what} must be plain JSON: numbers, texts, true, false, null, lists and objects of them; ` +
      'name what makes this arm what it is, {} if nothing does',
    { settings },
  );
}

/** It is a folder's name too. */
export function checkName(caller: string, what: string, name: string): void {
  if (/^[\w(][\w .,=+()-]*$/.test(name) && !/[ .]$/.test(name)) return;
  throw new KdError(
    'INVALID_ARGUMENT',
    `${caller}: '${name}' cannot name ${what}, since it names a folder; use letters, digits, spaces and _ . , = + - ( )`,
    { name },
  );
}
