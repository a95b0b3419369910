import { KdError } from '@kd/core';
import { argmax } from './argmax.ts';
import { checkLabels, checkNotEmpty, checkOneOf, checkScores } from './checks.ts';

export interface ScoreOptions {
  /**
   * What the scores are: `logits`, which softmax turns into probabilities, or `probabilities`, which are in [0, 1], sum to
   * 1 within 0.001, and are taken as they are. @default 'logits'
   */
  scoresAre?: 'logits' | 'probabilities';
}

export type ScoreKind = NonNullable<ScoreOptions['scoresAre']>;

/** Softmax rows in float16 sum to 1 about as well; logits hardly ever do. */
const SUM_TOLERANCE = 1e-3;

/**
 * Finds the number of classes of scores that are about to be read as distributions, and refuses rows that are none.
 *
 * @param name of the public function, for the messages
 * @param what each value is called in the messages
 */
export function checkDistributions(
  name: string,
  scores: ArrayLike<number>,
  samples: number,
  scoresAre: ScoreKind,
  what = 'score',
): number {
  checkOneOf(name, 'scoresAre', scoresAre, ['logits', 'probabilities']);
  const classes = checkScores(name, scores, samples, what);
  for (let sample = 0; sample < samples; sample++) {
    const start = sample * classes;
    if (scoresAre === 'probabilities') checkProbabilities(name, scores, start, classes, what);
    else checkLogits(name, scores, start, classes, what);
  }
  return classes;
}

/** The same for scores that come with labels, which it checks too. */
export function checkLabelled(
  name: string,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  scoresAre: ScoreKind,
): number {
  checkNotEmpty(name, labels, 'labels');
  const classes = checkDistributions(name, scores, labels.length, scoresAre);
  checkLabels(name, labels, classes);
  return classes;
}

function checkLogits(name: string, scores: ArrayLike<number>, start: number, classes: number, what: string): void {
  const largest = scores[start + argmax(scores, start, classes)]!;
  if (Number.isFinite(largest)) return; // -Infinity is the logit of a class that is ruled out
  const sample = start / classes;
  throw new KdError(
    'NOT_FINITE',
    `${name}: the largest ${what} of sample ${sample} is ${largest}, which has no softmax; look for where the model diverged`,
    { sample, largest },
  );
}

function checkProbabilities(
  name: string,
  scores: ArrayLike<number>,
  start: number,
  classes: number,
  what: string,
): void {
  const sample = start / classes;
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const value = scores[start + c]!;
    if (!(value >= 0 && value <= 1)) {
      throw new KdError(
        'INVALID_ARGUMENT',
        `${name}: the ${what} of sample ${sample} for class ${c} is ${value}, not a probability; for logits leave out scoresAre`,
        { sample, class: c, value },
      );
    }
    sum += value;
  }
  if (Math.abs(sum - 1) > SUM_TOLERANCE) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `${name}: the ${what}s of sample ${sample} sum to ${sum}, not 1; pass a probability for every class`,
      { sample, sum },
    );
  }
}

/** `sum of exp(x[c] - x[largest])` over the other classes: near 0 for a sure answer, where 1 + it would lose its digits. */
function sumOfOthers(logits: ArrayLike<number>, start: number, classes: number, largest: number): number {
  const top = logits[start + largest]!;
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    if (c !== largest) sum += Math.exp(logits[start + c]! - top);
  }
  return sum;
}

/** `-log p[label]` of a row; Infinity where the label has probability 0. */
export function surprise(
  scores: ArrayLike<number>,
  start: number,
  classes: number,
  label: number,
  scoresAre: ScoreKind,
): number {
  const value = scores[start + label]!;
  if (scoresAre === 'probabilities') return 0 - Math.log(value); // 0, not -0, for a sure hit
  const largest = argmax(scores, start, classes);
  return Math.log1p(sumOfOthers(scores, start, classes, largest)) + (scores[start + largest]! - value);
}

/** `sum_c (p[c] - [c = label])^2` of a row. */
export function squaredError(
  scores: ArrayLike<number>,
  start: number,
  classes: number,
  label: number,
  scoresAre: ScoreKind,
): number {
  const largest = argmax(scores, start, classes);
  const top = scores[start + largest]!;
  const total = scoresAre === 'logits' ? 1 + sumOfOthers(scores, start, classes, largest) : 1;
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const value = scores[start + c]!;
    const probability = scoresAre === 'logits' ? Math.exp(value - top) / total : value;
    sum += (probability - (c === label ? 1 : 0)) ** 2;
  }
  return sum;
}

/** The probability of the class that a row predicts. */
export function confidenceOf(
  scores: ArrayLike<number>,
  start: number,
  classes: number,
  predicted: number,
  scoresAre: ScoreKind,
): number {
  if (scoresAre === 'probabilities') return scores[start + predicted]!;
  return 1 / (1 + sumOfOthers(scores, start, classes, predicted));
}
