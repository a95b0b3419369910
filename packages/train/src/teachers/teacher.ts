import type { Batch, StepContext } from '@kd/core';

/** One feature of a batch, as a plain array. */
export interface FeatureArray {
  /** Row-major. */
  data: Float32Array;
  shape: readonly number[];
}

/** What a teacher says about a batch. */
export interface TeacherAnswers {
  /** float32 [batch, classes], row-major. */
  logits: Float32Array;
  /** By the names of the layers that they come from. */
  features: Readonly<Record<string, FeatureArray>>;
}

/** Whoever answers for a batch of images: a model, a file, a cache. */
export interface Teacher {
  /** What its classes are called, where it knows. */
  readonly classNames?: readonly string[];
  /** Whether equal pixels get equal answers. Dropout or batch statistics make it false, and then nothing may be cached. */
  readonly deterministic: boolean;
  /** How many numbers it has learned, where it knows: its size in reports. */
  readonly parameters?: number;
  /** SHA-256 of its weights. */
  fingerprint(): Promise<string>;
  /** Logits of a batch, float32 [batch, classes], row-major. */
  logits(batch: Batch, context: StepContext): Promise<Float32Array>;
  /** Names of its features, and logits and features in one go: for objectives with taps. */
  readonly taps?: readonly string[];
  answers?(batch: Batch, context: StepContext): Promise<TeacherAnswers>;
  /** Writes down what must not be lost: called after every epoch, and when training stops. */
  flush?(): Promise<void>;
}
