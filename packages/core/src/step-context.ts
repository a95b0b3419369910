import { hash32 } from './random.ts';

/**
 * What a training step may depend on besides its data: whatever draws or schedules reads it from here,
 * so that a step can be replayed alone.
 */
export interface StepContext {
  seed: number;
  /** From 0. */
  epoch: number;
  /** Optimiser step since the start of training, from 0. */
  step: number;
  /** One number for each sample of the batch. */
  ids: Uint32Array;
}

/** Ids of samples as numbers: numeric ids as they are, names by their hash. */
export function numericIds(ids: Uint32Array | readonly string[]): Uint32Array {
  return ids instanceof Uint32Array ? ids : Uint32Array.from(ids, hash32);
}
