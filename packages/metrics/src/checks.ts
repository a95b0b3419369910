import { KdError } from '@kd/core';

/**
 * Finds the number of classes of row-major scores, and refuses scores that are not [samples, classes] or hold NaN.
 *
 * @param name of the public function, for the messages
 */
export function checkScores(name: string, scores: ArrayLike<number>, samples: number): number {
  const classes = scores.length / samples;
  // One column would make every argmax 0: most likely predictions or sigmoid outputs, not scores.
  if (!Number.isInteger(classes) || classes < 2) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `${name}: ${scores.length} scores for ${samples} samples are not [samples, classes] with 2 or more classes; ` +
        'pass one score for each class, sample after sample',
      { scores: scores.length, samples },
    );
  }
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) {
      const sample = Math.floor(i / classes);
      throw new KdError(
        'NOT_FINITE',
        `${name}: the score of sample ${sample} for class ${i % classes} is NaN; look for where the model diverged`,
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
