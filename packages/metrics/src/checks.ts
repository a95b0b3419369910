import { KdError } from '@kd/core';

/**
 * Finds the number of classes of row-major scores, and refuses scores that are not [samples, classes] or hold NaN.
 *
 * @param name of the public function, for the messages
 * @param what each value is called in the messages
 */
export function checkScores(name: string, scores: ArrayLike<number>, samples: number, what = 'score'): number {
  const classes = scores.length / samples;
  // One column would make every argmax 0: most likely predictions or sigmoid outputs, not scores.
  if (!Number.isInteger(classes) || classes < 2) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `${name}: ${scores.length} ${what}s for ${samples} samples are not [samples, classes] with 2 or more classes; ` +
        'pass one score for each class, sample after sample',
      { scores: scores.length, samples },
    );
  }
  for (let i = 0; i < scores.length; i++) {
    const score: unknown = scores[i]; // what is undefined, a text or a row would compare as false in silence
    if (typeof score !== 'number' || Number.isNaN(score)) {
      const sample = Math.floor(i / classes);
      throw new KdError(
        'NOT_FINITE',
        `${name}: the ${what} of sample ${sample} for class ${i % classes} is ${score}; look for where the model diverged`,
        { sample, class: i % classes },
      );
    }
  }
  return classes;
}

/**
 * Refuses labels that are not integers in [0, classes).
 *
 * @param name of the public function, for the messages
 * @param what each value is called in the messages
 */
export function checkLabels(name: string, labels: ArrayLike<number>, classes: number, what = 'label'): void {
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    const why = Number.isInteger(label) ? `is not in [0, ${classes})` : 'is not an integer';
    throw new KdError(
      'INVALID_ARGUMENT',
      `${name}: ${what} ${label} at index ${index} ${why}; classes are numbered from 0 to ${classes - 1}`,
      { [what]: label, index, classes },
    );
  }
}

/** Refuses an array without elements; `what` names them, in the plural. */
export function checkNotEmpty(name: string, values: ArrayLike<unknown>, what: string): void {
  if (values.length === 0) {
    throw new KdError('INVALID_ARGUMENT', `${name}: got no ${what}; pass at least one`);
  }
}

/** Refuses two arrays that must run in parallel and do not. */
export function checkSameLength(
  name: string,
  [firstName, first]: readonly [string, ArrayLike<unknown>],
  [secondName, second]: readonly [string, ArrayLike<unknown>],
): void {
  if (first.length !== second.length) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `${name}: ${firstName} has ${first.length} values, ${secondName} has ${second.length}; pass one of each for every sample`,
      { [firstName]: first.length, [secondName]: second.length },
    );
  }
}

/** Refuses an option that is none of the words it may be. */
export function checkOneOf(name: string, option: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new KdError('INVALID_ARGUMENT', `${name}: ${option} must be one of ${allowed.join(', ')}, got ${value}`, {
      [option]: value,
    });
  }
}

/** Refuses a value that is not an integer in [low, high]. */
export function checkInteger(name: string, what: string, value: number, low: number, high: number = Infinity): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    const range = high === Infinity ? `>= ${low}` : `in [${low}, ${high}]`;
    throw new KdError('INVALID_ARGUMENT', `${name}: ${what} must be an integer ${range}, got ${value}`, {
      [what]: value,
    });
  }
}

/** Refuses a confidence outside of (0, 1), such as 95. */
export function checkConfidence(name: string, confidence: number): void {
  if (!(confidence > 0 && confidence < 1)) {
    throw new KdError('INVALID_ARGUMENT', `${name}: confidence must be in (0, 1), got ${confidence}`, { confidence });
  }
}

/** Refuses values that are NaN or infinite; `what` names one of them. */
export function checkFinite(name: string, what: string, values: ArrayLike<number>): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (Number.isFinite(value)) continue;
    throw new KdError(
      'NOT_FINITE',
      `${name}: ${what} ${value} at index ${index} is not finite; leave out what diverged, and say so`,
      { value, index },
    );
  }
}

/** Refuses to add up what was counted with different options. */
export function checkSameOptions<T extends object>(name: string, ours: T, theirs: T): void {
  for (const option of Object.keys(ours) as (keyof T & string)[]) {
    if (ours[option] === theirs[option]) continue;
    throw new KdError(
      'MISMATCH',
      `${name}: ${option} is ${ours[option]} here, ${theirs[option]} there; give both the same options`,
      { option, ours: ours[option], theirs: theirs[option] },
    );
  }
}
