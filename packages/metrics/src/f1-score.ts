import { type Average, type Averaged, type AverageOptions, averaged, type ClassCounts } from './average.ts';
import type { ConfusionMatrix } from './confusion-matrix.ts';

/** Numerator and denominator of the F1 score. */
export function f1Ratio({ hits, predicted, actual }: ClassCounts): readonly [number, number] {
  return [2 * hits, predicted + actual];
}

/**
 * The harmonic mean of a class's precision and recall, averaged over the classes.
 *
 * `f1[c] = 2 * counts[c, c] / (sum_l counts[l, c] + sum_p counts[c, p])`, and `zeroDivision` for a class that has
 * neither samples nor predictions. Over all classes 'micro' is the accuracy.
 *
 * The mean is over all classes of the matrix by default, whether they have samples or not: scikit-learn's
 * `labels=range(classes)`. With `classes: 'present'` it is over those with a sample or a prediction: its default.
 *
 * @param matrix counts [classes, classes], rows = labels, columns = predictions
 * @returns in [0, 1]; with 'none' float64, one for each class
 * @throws {KdError} SHAPE_MISMATCH if the matrix is not square
 * @throws {KdError} INVALID_ARGUMENT if it counts no samples, or an option is out of range
 *
 * Reference: van Rijsbergen 1979, "Information Retrieval", ch. 7; values checked against scikit-learn's f1_score.
 *
 * @example
 * import { confusionMatrix, f1Score } from '@kd/metrics';
 * const matrix = confusionMatrix([0, 0, 1, 1], [0, 1, 1, 1], 2);
 * console.log(f1Score(matrix).toFixed(4)); // 0.7333
 * console.log(f1Score(matrix, { average: 'micro' })); // 0.75
 */
export function f1Score<A extends Average = 'macro'>(
  matrix: ConfusionMatrix,
  options: AverageOptions<A> = {},
): Averaged<A> {
  return averaged('f1Score', matrix, options, f1Ratio);
}
