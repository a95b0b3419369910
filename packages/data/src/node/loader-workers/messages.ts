import { KdError, type KdErrorCode } from '@kd/core';
import type { DecodedRecipe } from '../../loader/create-loader.ts';
import type { DecodedBatch } from '../../loader/decoded-batches.ts';

type Config = Readonly<Record<string, unknown>>;

/** A recipe that threads can send each other: of processor and augmentation, what makes them again. */
export interface PlainRecipe extends Omit<DecodedRecipe, 'processor' | 'teacherProcessor' | 'augment'> {
  processor: Config | undefined;
  teacherProcessor: Config | undefined;
  augment: Config | undefined;
}

/** One batch to be made. */
export interface Job {
  id: number;
  /** The number of the recipe, equal for equal ones, and the recipe. */
  recipeId: number;
  recipe: PlainRecipe;
  epoch: number;
  indices: Uint32Array;
  samples: readonly { id: string; label?: number }[];
  /** The encoded images, one after the other, and where each ends. */
  bytes: Uint8Array;
  ends: Float64Array;
}

export type ToWorker = Job | { cancel: number };

export interface PlainError {
  /** Left out if the error was none of ours. */
  code?: KdErrorCode;
  message: string;
  details: Readonly<Record<string, unknown>>;
  cause: unknown;
}

export type FromWorker =
  | { id: number; batch: DecodedBatch['batch']; failed: readonly { row: number; error: PlainError }[] }
  | { id: number; error: PlainError };

/** What of an error can be sent. */
export function toPlainError(error: unknown): PlainError {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const sent = { message, cause: cause instanceof Error ? new Error(cause.message) : undefined };
  if (!KdError.isInstance(error)) return { ...sent, details: {} };
  return { ...sent, code: error.code, details: JSON.parse(JSON.stringify(error.details)) };
}

/** The error again, on the other side. */
export function fromPlainError({ code, message, details, cause }: PlainError): Error {
  const options = cause === undefined ? undefined : { cause };
  return code ? new KdError(code, message, details, options) : new Error(message, options);
}
