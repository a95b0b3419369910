/**
 * Throws an error with the marker of `KdError` of `@kd/core`, which this package does not import so that it installs
 * alone: `KdError.isInstance(error)` is true for it. The message starts with the public function's name.
 *
 * @param details the values in question, by name
 */
export function fail(
  code: 'INVALID_ARGUMENT' | 'SHAPE_MISMATCH' | 'NOT_FOUND',
  caller: string,
  message: string,
  details: object,
): never {
  throw Object.assign(new Error(`${caller}: ${message}`), {
    name: 'KdError',
    code,
    details,
    [Symbol.for('kd.error')]: true,
  });
}
