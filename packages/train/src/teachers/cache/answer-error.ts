import { KdError } from '@kd/core';
import { logSumExp } from '../log-sum-exp.ts';
import { type AnswerFormat, decodeAnswers, encodeAnswers, resolveFormat } from './answer-format.ts';

/** How far kept answers are from what was answered. */
export interface AnswerError {
  /** How many were measured. */
  samples: number;
  /** Of `T^2 * KL(softmax(logits / T) || softmax(kept / T))`. */
  mean: number;
  /** Of the worst sample. */
  max: number;
}

/**
 * What a cache's `precision` and `topK` do to answers: `T^2 * KL(p || p~)` of each sample, with `p = softmax(logits / T)`,
 * `p~` the same of what is kept, and T the `temperature`. That is the soft loss that is left for a student who follows the
 * kept answers perfectly; a student's gradient is off by `T * (p~ - p)`.
 *
 * - `topK` k of C classes leaves the k largest logits, and for each other class the logit `T * log(mean(exp(logits / T)))` over
 *   them, so that their mass `rest` is right and spread evenly: the error is at most `T^2 * rest * log(C - k)`, and
 *   `|p~ - p|` summed over the classes at most `2 * rest`.
 * - 'float16' moves no logit by more than `d = 2^-11 * max|logits|`: the error is at most `d^2 / 2`, at any temperature.
 *
 * @param logits [samples, classes], row-major
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range, or the logits are no whole rows
 *
 * @example
 * import { answerError } from '@kd/train';
 * const logits = Float32Array.of(9, 2, 1, 0, 5, 6, -1, -2);
 * const { mean, max } = answerError(logits, 4, { topK: 2, temperature: 4 });
 * console.log(mean.toFixed(4), max.toFixed(4)); // 0.0197 0.0211
 */
export function answerError(logits: Float32Array, classes: number, format: AnswerFormat): AnswerError {
  const resolved = resolveFormat('answerError', format);
  const samples = logits.length / classes;
  if (!Number.isInteger(samples)) {
    throw new KdError('INVALID_ARGUMENT', `answerError: ${logits.length} logits are no rows of ${classes} classes`, {
      length: logits.length,
      classes,
    });
  }
  const { temperature } = resolved;
  const kept = decodeAnswers(encodeAnswers('answerError', { logits, features: {} }, samples, resolved), samples).logits;
  let [sum, max] = [0, 0];
  for (let start = 0; start < logits.length; start += classes) {
    const error = divergence(
      logits.subarray(start, start + classes),
      kept.subarray(start, start + classes),
      temperature,
    );
    sum += temperature ** 2 * error;
    max = Math.max(max, temperature ** 2 * error);
  }
  return { samples, mean: samples === 0 ? 0 : sum / samples, max };
}

/** Errors of two sets of samples together. */
export function joinErrors(a: AnswerError, b: AnswerError): AnswerError {
  const samples = a.samples + b.samples;
  const mean = samples === 0 ? 0 : (a.samples * a.mean + b.samples * b.mean) / samples;
  return { samples, mean, max: Math.max(a.max, b.max) };
}

/** `KL(softmax(a / T) || softmax(b / T))` in float64, never below 0. */
function divergence(a: Float32Array, b: Float32Array, temperature: number): number {
  const [normA, normB] = [logSumExp(a, temperature), logSumExp(b, temperature)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const logP = a[i]! / temperature - normA;
    const p = Math.exp(logP);
    if (p > 0) sum += p * (logP - (b[i]! / temperature - normB));
  }
  return Math.max(0, sum);
}
