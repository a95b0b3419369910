import { parseArgs } from 'node:util';
import { KdError } from '../errors.ts';

/** What an option of a command line may be. */
export type OptionSpec =
  | { readonly type: 'flag' | 'text' }
  | { readonly type: 'choice'; readonly of: readonly string[] }
  /** One or more of them, with commas between. */
  | { readonly type: 'choices'; readonly of: readonly string[] }
  /** An integer, or any number, in [min, max] and above `above`. */
  | {
      readonly type: 'integer' | 'number';
      readonly min?: number;
      readonly above?: number;
      readonly max?: number;
    };

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

type ValueOf<Spec extends OptionSpec> = Spec extends { type: 'choice'; of: readonly (infer Choice)[] }
  ? Choice
  : Spec extends { type: 'choices'; of: readonly (infer Choice)[] }
    ? Choice[]
    : { flag: boolean; text: string; choice: string; choices: string[]; integer: number; number: number }[Spec['type']];

/** The options that were given, by their names in camel case. */
export type GivenOptions<Specs extends Readonly<Record<string, OptionSpec>>> = {
  [Name in keyof Specs & string as CamelCase<Name>]?: ValueOf<Specs[Name]>;
};

function bounds({ type, min, above, max }: Extract<OptionSpec, { type: 'integer' | 'number' }>): string {
  const kind = type === 'integer' ? 'an integer' : 'a number';
  const ranges = [
    above !== undefined && `> ${above}`,
    min !== undefined && `>= ${min}`,
    max !== undefined && `<= ${max}`,
  ];
  const range = ranges.filter(Boolean).join(' and ');
  return range ? `${kind} ${range}` : kind;
}

function read(name: string, spec: OptionSpec, text: string): unknown {
  const refuse = (wanted: string): never => {
    throw new KdError('INVALID_ARGUMENT', `--${name} must be ${wanted}, got '${text}'`, { [name]: text });
  };
  if (spec.type === 'choice') return spec.of.includes(text) ? text : refuse(`one of ${spec.of.join(', ')}`);
  if (spec.type === 'choices') {
    const all = text.split(',').map((part) => part.trim());
    return all.every((part) => spec.of.includes(part)) ? all : refuse(`of ${spec.of.join(', ')}, with commas between`);
  }
  if (spec.type !== 'integer' && spec.type !== 'number') return text;
  const value = Number(text);
  const { min = Number.NEGATIVE_INFINITY, above = Number.NEGATIVE_INFINITY, max = Number.MAX_VALUE } = spec;
  const isNumber =
    text.trim() !== '' && Number.isFinite(value) && (spec.type === 'number' || Number.isSafeInteger(value));
  return isNumber && value >= min && value > above && value <= max ? value : refuse(bounds(spec));
}

/**
 * Reads a program's options, checked and typed. `--no-default` has no meaning, and there are no positional arguments.
 *
 * @param args without Node and the script: `process.argv.slice(2)`
 * @param specs by the options' names, in kebab case
 * @returns what was given, by names in camel case; the rest is absent
 * @throws {KdError} INVALID_ARGUMENT, with the option and its range
 *
 * @example
 * import { readOptions } from '@kd/core/node';
 * const given = readOptions(['--learning-rate', '1e-4', '--resume'], {
 *   'learning-rate': { type: 'number', above: 0 },
 *   epochs: { type: 'integer', min: 1 },
 *   resume: { type: 'flag' },
 * });
 * console.log(given); // { learningRate: 0.0001, resume: true }
 */
export function readOptions<const Specs extends Readonly<Record<string, OptionSpec>>>(
  args: readonly string[],
  specs: Specs,
): GivenOptions<Specs> {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type }]) => [name, { type: type === 'flag' ? 'boolean' : 'string' } as const]),
  );
  const values = parsed(args, options);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
      typeof value === 'string' ? read(name, specs[name]!, value) : value,
    ]),
  ) as GivenOptions<Specs>;
}

function parsed(args: readonly string[], options: Record<string, { type: 'boolean' | 'string' }>) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    // Node adds how to write positional arguments that begin with a dash.
    throw new KdError('INVALID_ARGUMENT', (error as Error).message.replace(/\.\s.*/s, ''));
  }
}
