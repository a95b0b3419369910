import type { Batch, StepContext } from '@kd/core';

/** Whoever answers for a batch of images: a model, a file, a cache. */
export interface Teacher {
  /** What its classes are called, where it knows. */
  readonly classNames?: readonly string[];
  /** Whether equal pixels get equal answers. Dropout or batch statistics make it false, and then nothing may be cached. */
  readonly deterministic: boolean;
  /** SHA-256 of its weights. */
  fingerprint(): Promise<string>;
  /** Logits of a batch, float32 [batch, classes], row-major. */
  logits(batch: Batch, context: StepContext): Promise<Float32Array>;
  /** Writes down what must not be lost: called after every epoch, and when training stops. */
  flush?(): Promise<void>;
}
