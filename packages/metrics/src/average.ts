import { KdError } from '@kd/core';
import { checkLabels, checkNotEmpty } from './checks.ts';
import type { ConfusionMatrix } from './confusion-matrix.ts';

const AVERAGES = ['macro', 'micro', 'weighted', 'none'] as const;

/** How the values of the classes become one number. */
export type Average = (typeof AVERAGES)[number];

export interface AverageOptions<A extends Average = Average> {
  /**
   * `macro`: mean over the classes. `weighted`: the same, weighted by each class's number of samples. `micro`: the
   * classes' counts are summed first. `none`: one value for each class. @default 'macro'
   */
  average?: A;
  /**
   * Which classes take part, as scikit-learn's `labels=`. `all`: every class of the matrix. `present`: those with a
   * sample or a prediction, which is what scikit-learn does when `labels` is left out. Or class numbers. @default 'all'
   */
  classes?: 'all' | 'present' | ArrayLike<number>;
  /** The value of 0 / 0, as when a class is never predicted. @default 0 */
  zeroDivision?: 0 | 1;
}

/** One value for each class with 'none', else one number. */
export type Averaged<A extends Average> = A extends 'none' ? Float64Array : number;

/** Counts of one class, or summed over several. */
interface ClassCounts {
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

function combine(
  average: Average,
  chosen: ClassCounts[],
  score: (counts: ClassCounts) => number,
): number | Float64Array {
  if (average === 'none') return Float64Array.from(chosen, score);
  const total = (value: (counts: ClassCounts) => number): number => chosen.reduce((sum, c) => sum + value(c), 0);
  const actual = total((c) => c.actual);
  if (average === 'micro') {
    return score({ hits: total((c) => c.hits), predicted: total((c) => c.predicted), actual });
  }
  // Classes that have no sample between them weigh the same, as in scikit-learn.
  if (average === 'macro' || actual === 0) return total(score) / chosen.length;
  return total((c) => score(c) * c.actual) / actual;
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
  if (!AVERAGES.includes(average)) {
    throw new KdError('INVALID_ARGUMENT', `${name}: average must be one of ${AVERAGES.join(', ')}, got ${average}`, {
      average,
    });
  }
  if (zeroDivision !== 0 && zeroDivision !== 1) {
    throw new KdError('INVALID_ARGUMENT', `${name}: zeroDivision must be 0 or 1, got ${zeroDivision}`, {
      zeroDivision,
    });
  }
  checkMatrix(name, matrix);
  const chosen = selectClasses(name, countClasses(matrix), classes);
  const score = (counts: ClassCounts): number => {
    const [numerator, denominator] = ratio(counts);
    return denominator === 0 ? zeroDivision : numerator / denominator;
  };
  return combine(average, chosen, score) as Averaged<A>;
}
