import { KdError } from '@kd/core';
import { argmax } from './argmax.ts';
import { checkPair } from './check-pair.ts';
import { checkDistributions, type ScoreKind, type ScoreOptions } from './score-rows.ts';

export interface KlDivergenceOptions extends ScoreOptions {
  /** Softens both distributions, > 0; the result is not multiplied by its square. @default 1 */
  temperature?: number;
}

/** As `checkPair`, for scores that are about to be read as distributions. */
export function checkPairOfDistributions(
  name: string,
  studentScores: ArrayLike<number>,
  teacherScores: ArrayLike<number>,
  samples: number,
  scoresAre: ScoreKind,
): number {
  const check = (caller: string, scores: ArrayLike<number>, count: number, what?: string): number =>
    checkDistributions(caller, scores, count, scoresAre, what);
  return checkPair(name, studentScores, teacherScores, samples, check);
}

export function checkTemperature(name: string, temperature: number): void {
  if (!(temperature > 0 && temperature < Infinity)) {
    throw new KdError('INVALID_ARGUMENT', `${name}: temperature must be finite and > 0, got ${temperature}`, {
      temperature,
    });
  }
}

/** `log softmax(x / temperature)` of a row, where x are the logits or the logarithms of the probabilities. */
function logDistribution(
  scores: ArrayLike<number>,
  start: number,
  classes: number,
  { scoresAre, temperature }: Required<KlDivergenceOptions>,
): Float64Array {
  const result = new Float64Array(classes);
  const largest = argmax(scores, start, classes);
  const top = scores[start + largest]!;
  let others = 0;
  for (let c = 0; c < classes; c++) {
    const score = scores[start + c]!;
    result[c] = (scoresAre === 'logits' ? score - top : Math.log(score / top)) / temperature;
    if (c !== largest) others += Math.exp(result[c]!);
  }
  const logTotal = Math.log1p(others);
  return result.map((value) => value - logTotal);
}

/** `KL(teacher || student)` of one row. */
export function rowDivergence(
  studentScores: ArrayLike<number>,
  teacherScores: ArrayLike<number>,
  start: number,
  classes: number,
  options: Required<KlDivergenceOptions>,
): number {
  const student = logDistribution(studentScores, start, classes, options);
  const teacher = logDistribution(teacherScores, start, classes, options);
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const p = Math.exp(teacher[c]!);
    const q = Math.exp(student[c]!);
    const distance = teacher[c]! - student[c]!;
    // p log(p / q) - p + q: the same sum, but no term is negative, so that close distributions keep their digits.
    if (p === 0) sum += q;
    else if (Math.abs(distance) < 1) sum += p * (distance + Math.expm1(-distance));
    else sum += p * (distance - 1) + q;
  }
  return sum;
}
