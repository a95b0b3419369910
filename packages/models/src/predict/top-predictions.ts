import { KdError } from '@kd/core';
import { checksFor, isWhole } from '../architectures/checks.ts';

/** One class that an image may be of. */
export interface Prediction {
  label: string;
  /** Probability, in [0, 1]: softmax of the logits. */
  score: number;
  /** Of the class, from 0. */
  index: number;
}

export interface TopPredictionsOptions {
  /** A name for each logit. */
  classNames: readonly string[];
  /** How many at most: a whole number > 0. @default 5 */
  topK?: number;
}

/** `topPredictions` for another function, whose name errors start with. */
export function topPredictionsFor(
  caller: string,
  logits: ArrayLike<number>,
  { classNames, topK = 5 }: TopPredictionsOptions,
): Prediction[] {
  checksFor(caller)(isWhole(topK), 'topK', 'be a whole number > 0', topK);
  const values = Array.from(logits);
  if (values.length !== classNames.length) {
    const message = `${caller}: ${values.length} logits, but ${classNames.length} classNames`;
    throw new KdError('MISMATCH', message, { logits: values.length, classNames: classNames.length });
  }
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    const message = `${caller}: the logit of '${classNames[broken]}' (${broken}) is ${values[broken]}`;
    throw new KdError('NOT_FINITE', message, { index: broken, value: values[broken] });
  }
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = values.reduce((total, value) => total + Math.exp(value - largest), 0);
  return values
    .map((value, index) => ({ value, index }))
    .sort((a, b) => b.value - a.value || a.index - b.index)
    .slice(0, topK)
    .map(({ value, index }) => ({ label: classNames[index]!, score: Math.exp(value - largest) / sum, index }));
}

/**
 * The most probable classes of one image, best first; of equal ones that of the lower index.
 *
 * `score[i] = exp(logits[i] - max) / sum(exp(logits - max))` in float64
 *
 * @param logits of one image, one for each class
 * @throws {KdError} MISMATCH if there are other names than logits; NOT_FINITE for a logit that is NaN or infinite
 * @throws {KdError} INVALID_ARGUMENT for a `topK` that is no whole number > 0
 *
 * Reference: the answer of the `image-classification` pipeline of Hugging Face's transformers.
 *
 * @example
 * import { topPredictions } from '@kd/models';
 * const [best] = topPredictions([0, Math.log(3)], { classNames: ['healthy', 'rust'], topK: 1 });
 * console.log(best?.label, best?.score.toFixed(2), best?.index); // rust 0.75 1
 */
export function topPredictions(logits: ArrayLike<number>, options: TopPredictionsOptions): Prediction[] {
  return topPredictionsFor('topPredictions', logits, options);
}
