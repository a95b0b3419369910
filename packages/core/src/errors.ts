const marker = Symbol.for('kd.error');

/** What went wrong, as a word that a program can branch on. */
export type KdErrorCode =
  | 'INVALID_ARGUMENT'
  | 'INVALID_DATA'
  | 'SHAPE_MISMATCH'
  | 'NOT_FOUND'
  | 'NOT_FINITE'
  | 'MISMATCH'
  | 'UNSUPPORTED'
  | 'ACCESS_DENIED'
  | 'UNAVAILABLE'
  | 'ABORTED';

/**
 * The error that every kd package throws for bad input.
 *
 * The message starts with the function's name, prints the offending values and says what to do;
 * `details` holds the values for programs. Two copies of a package in one tree are normal, so
 * recognise it with `KdError.isInstance(error)` and not with `instanceof`.
 *
 * @example
 * import { KdError } from '@kd/core';
 * const error = new KdError('INVALID_ARGUMENT', 'permutation: length must be >= 0, got -1', { length: -1 });
 * console.log(KdError.isInstance(error), error.code); // true INVALID_ARGUMENT
 */
export class KdError extends Error {
  readonly code: KdErrorCode;
  /** The values behind the message. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: KdErrorCode, message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KdError';
    this.code = code;
    this.details = details;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for an error of any copy of any kd package. */
  static isInstance(error: unknown): error is KdError {
    return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[marker] === true;
  }
}
