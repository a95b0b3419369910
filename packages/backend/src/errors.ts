/** NOT_FOUND: something is not installed. UNSUPPORTED: not on this machine. CORRUPT: not the file it should be. */
export type BackendErrorCode = 'NOT_FOUND' | 'UNSUPPORTED' | 'CORRUPT' | 'FAILED';

/** With the marker of `KdError` of `@kd/core`, which this package has no other use for. */
export function backendError(message: string, code: BackendErrorCode = 'NOT_FOUND'): Error {
  const error = Object.assign(new Error(message), { name: 'KdError', code });
  return Object.defineProperty(error, Symbol.for('kd.error'), { value: true });
}
