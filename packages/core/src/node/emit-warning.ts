/**
 * Warns as Node does: a line on stderr, unless the program listens for `warning` or was started with --no-warnings.
 *
 * @example
 * import { emitWarning } from '@kd/core/node';
 * process.on('warning', ({ name, message }) => console.log(name, message)); // KdWarning too slow
 * emitWarning('too slow');
 */
export const emitWarning = (message: string): void => process.emitWarning(message, 'KdWarning');
