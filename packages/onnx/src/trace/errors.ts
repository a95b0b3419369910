import { KdError, type KdErrorCode } from '@kd/core';

/** An error of a trace. */
export function traceError(code: KdErrorCode, message: string, details: Record<string, unknown> = {}): KdError {
  return new KdError(code, `traceFunction: ${message}`, details);
}
