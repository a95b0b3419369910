import { KdError } from '@kd/core';

/**
 * A package that this one works without, for those who ask for what takes it.
 *
 * @param load imports it
 * @throws {KdError} NOT_FOUND if it is not installed, with the command that installs it
 */
export async function optionalPackage<T>(
  name: string,
  load: () => Promise<T>,
  { caller, use, instead }: { caller: string; use: string; instead?: string },
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
