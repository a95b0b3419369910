import { KdError } from '@kd/core';
import { checkInteger, checkLabels, checkNotEmpty, checkOneOf } from './checks.ts';
import type { ConfusionMatrix } from './confusion-matrix.ts';

const AVERAGES = ['macro', 'micro', 'weighted', 'binary', 'none'] as const;

/** How the values of the classes become one number. */
export type Average = (typeof AVERAGES)[number];

export interface AverageOptions<A extends Average = Average> {
  /**
   * `macro`: mean over the classes. `weighted`: the same, weighted by each class's number of samples. `micro`: the
   * classes' counts are summed first. `binary`: the value of `positiveClass`, of two. `none`: one value for each class.
   * @default 'macro'
   */
  average?: A;
  /**
   * Which classes take part, as scikit-learn's `labels=`. `all`: every class of the matrix. `present`: those with a
   * sample or a prediction, which is what scikit-learn does when `labels` is left out. Or class numbers. Not for
   * `binary`. @default 'all'
   */
  classes?: 'all' | 'present' | ArrayLike<number>;
  /** The class that `binary` is about, 0 or 1: scikit-learn's `pos_label`. For `binary` only. @default 1 */
  positiveClass?: number;
  /**
   * The value of 0 / 0, as when a class is never predicted: 0, 1 or NaN. Classes that are NaN are left out of `macro` and
   * `weighted`. @default 0
   */
  zeroDivision?: number;
}

/** One value for each class with 'none', else one number. */
export type Averaged<A extends Average> = A extends 'none' ? Float64Array : number;

/** Counts of one class, or summed over several. */
export interface ClassCounts {
  /** Samples of the class that were predicted as it. */
  hits: number;
  /** Samples that were predicted as the class. */
  predicted: number;
  /** Samples of the class. */
  actual: number;
}

function countClasses({ classes, counts }: ConfusionMatrix): ClassCounts[] {
  const result = Array.from({ length: classes }, () => ({ hits: 0, predicted: 0, actual: 0 }));
  for (let i = 0; i < counts.length; i++) {
    const label = Math.floor(i / classes);
    const predicted = i % classes;
    result[label]!.actual += counts[i]!;
    result[predicted]!.predicted += counts[i]!;
    if (label === predicted) result[label]!.hits += counts[i]!;
  }
  return result;
}

function checkMatrix(name: string, { classes, counts }: ConfusionMatrix): void {
  if (counts.length !== classes * classes || classes < 1) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `${name}: the matrix has ${counts.length} counts, ${classes} classes need ${classes * classes}; ` +
        'make it with confusionMatrix',
      { classes, counts: counts.length },
    );
  }
  const bad = counts.findIndex((count) => !Number.isInteger(count) || count < 0);
  if (bad !== -1) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `${name}: the count ${counts[bad]} of label ${Math.floor(bad / classes)}, prediction ${bad % classes} is not ` +
        'an integer >= 0; pass counts, not shares',
      { index: bad, count: counts[bad] },
    );
  }
  if (counts.every((count) => count === 0)) {
    throw new KdError('INVALID_ARGUMENT', `${name}: the matrix counts no samples; pass at least one`, { classes });
  }
}

function selectClasses(
  name: string,
  counts: ClassCounts[],
  choice: 'all' | 'present' | ArrayLike<number>,
): ClassCounts[] {
  if (choice === 'all') return counts;
  if (choice === 'present') return counts.filter(({ predicted, actual }) => predicted + actual > 0);
  if (typeof choice === 'string') {
    throw new KdError('INVALID_ARGUMENT', `${name}: classes must be 'all', 'present' or numbers, got '${choice}'`, {
      classes: choice,
    });
  }
  checkNotEmpty(name, choice, 'classes');
  checkLabels(name, choice, counts.length, 'class');
  const chosen = Array.from(choice);
  const twice = chosen.find((c, i) => chosen.indexOf(c) !== i);
  if (twice !== undefined) {
    throw new KdError('INVALID_ARGUMENT', `${name}: class ${twice} is chosen twice; name each class once`, { twice });
  }
  return chosen.map((c) => counts[c]!);
}

/** The one class that 'binary' is about; undefined for the other averages. */
function selectPositive(
  name: string,
  counts: ClassCounts[],
  { average, classes = 'all', positiveClass }: AverageOptions,
): ClassCounts[] | undefined {
  if (average !== 'binary') {
    if (positiveClass === undefined) return undefined;
    throw new KdError('INVALID_ARGUMENT', `${name}: positiveClass needs average 'binary', got '${average}'`, {
      average,
      positiveClass,
    });
  }
  if (counts.length !== 2) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `${name}: average 'binary' needs 2 classes, the matrix has ${counts.length}; use 'macro', 'micro', 'weighted' or 'none'`,
      { classes: counts.length },
    );
  }
  if (classes !== 'all') {
    throw new KdError('INVALID_ARGUMENT', `${name}: average 'binary' takes no classes; choose one with positiveClass`);
  }
  const positive = positiveClass ?? 1;
  checkInteger(name, 'positiveClass', positive, 0, 1);
  return [counts[positive]!];
}

function combine(
  average: Average,
  chosen: ClassCounts[],
  score: (counts: ClassCounts) => number,
): number | Float64Array {
  if (average === 'none') return Float64Array.from(chosen, score);
  const total = (of: ClassCounts[], value: (counts: ClassCounts) => number): number =>
    of.reduce((sum, c) => sum + value(c), 0);
  if (average === 'micro') {
    return score({
      hits: total(chosen, (c) => c.hits),
      predicted: total(chosen, (c) => c.predicted),
      actual: total(chosen, (c) => c.actual),
    });
  }
  const defined = chosen.filter((c) => !Number.isNaN(score(c)));
  const actual = total(defined, (c) => c.actual);
  // Classes that have no sample between them weigh the same, as in scikit-learn.
  if (average !== 'weighted' || actual === 0) return total(defined, score) / defined.length;
  return total(defined, (c) => score(c) * c.actual) / actual;
}

/**
 * Averages a ratio of counts over classes, with scikit-learn's rules.
 *
 * @param name of the public function, for the messages
 * @param ratio numerator and denominator of the metric, from the counts of one class or of several
 */
export function averaged<A extends Average>(
  name: string,
  matrix: ConfusionMatrix,
  options: AverageOptions<A>,
  ratio: (counts: ClassCounts) => readonly [numerator: number, denominator: number],
): Averaged<A> {
  const { average = 'macro', classes = 'all', zeroDivision = 0 }: AverageOptions = options;
  checkOneOf(name, 'average', average, AVERAGES);
  if (zeroDivision !== 0 && zeroDivision !== 1 && !Number.isNaN(zeroDivision)) {
    throw new KdError('INVALID_ARGUMENT', `${name}: zeroDivision must be 0, 1 or NaN, got ${zeroDivision}`, {
      zeroDivision,
    });
  }
  checkMatrix(name, matrix);
  const counts = countClasses(matrix);
  const chosen = selectPositive(name, counts, { ...options, average }) ?? selectClasses(name, counts, classes);
  const score = (some: ClassCounts): number => {
    const [numerator, denominator] = ratio(some);
    return denominator === 0 ? zeroDivision : numerator / denominator;
  };
  return combine(average, chosen, score) as Averaged<A>;
}
