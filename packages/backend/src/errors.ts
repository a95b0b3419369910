/** With the marker of `KdError` of `@kd/core`, which this package has no other use for. */
export function backendError(message: string): Error {
  const error = Object.assign(new Error(message), { name: 'KdError', code: 'NOT_FOUND' });
  return Object.defineProperty(error, Symbol.for('kd.error'), { value: true });
}
