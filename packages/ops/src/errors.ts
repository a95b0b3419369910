/**
 * Makes an error with the marker of `KdError` of `@kd/core`, which this package does not import so that it installs
 * alone: `KdError.isInstance(error)` is true for it.
 */
export function opError(code: 'INVALID_ARGUMENT' | 'SHAPE_MISMATCH', message: string, details: object): Error {
  const error = new Error(message);
  error.name = 'KdError';
  return Object.defineProperty(Object.assign(error, { code, details }), Symbol.for('kd.error'), { value: true });
}
