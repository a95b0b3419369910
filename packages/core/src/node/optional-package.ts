import { KdError } from '../errors.ts';

export interface OptionalPackageOptions {
  /** The function that errors begin with. */
  caller: string;
  /** What the package is needed for: 'preparing images'. */
  use: string;
  /** What one may do without it: 'pass { processor }'. */
  instead?: string;
}

/**
 * A package that the calling one works without, for those who ask for what takes it.
 *
 * @param load imports it
 * @throws {KdError} NOT_FOUND if it is not installed, with the command that installs it
 *
 * @example
 * import { optionalPackage } from '@kd/core/node';
 * const path = await optionalPackage('node:path', () => import('node:path'), { caller: 'mine', use: 'joining' });
 * console.log(path.posix.join('a', 'b')); // a/b
 */
export async function optionalPackage<T>(
  name: string,
  load: () => Promise<T>,
  { caller, use, instead }: OptionalPackageOptions,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw cause; // something else is broken
    throw new KdError(
      'NOT_FOUND',
      `${caller}: ${use} takes the package ${name}, which is not installed: run \`npm install ${name}\`${instead ? `, or ${instead}` : ''}`,
      { name },
      { cause },
    );
  }
}
