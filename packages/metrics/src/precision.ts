import { type Average, type Averaged, type AverageOptions, averaged } from './average.ts';
import type { ConfusionMatrix } from './confusion-matrix.ts';

/**
 * The share of a class's predictions that are right, averaged over the classes.
 *
 * `precision[c] = counts[c, c] / sum_l counts[l, c]`, and `zeroDivision` for a class that is never predicted.
 *
 * The mean is over all classes of the matrix by default, whether they have samples or not: scikit-learn's
 * `labels=range(classes)`. With `classes: 'present'` it is over those with a sample or a prediction: its default.
 *
 * @param matrix counts [classes, classes], rows = labels, columns = predictions
 * @returns in [0, 1]; with 'none' float64, one for each class
 * @throws {KdError} SHAPE_MISMATCH if the matrix is not square
 * @throws {KdError} INVALID_ARGUMENT if it counts no samples, or an option is out of range
 *
 * Reference: values checked against scikit-learn's precision_score.
 *
 * @example
 * import { confusionMatrix, precision } from '@kd/metrics';
 * const matrix = confusionMatrix([0, 0, 1, 1], [0, 1, 1, 1], 2);
 * console.log(precision(matrix)); // 0.75
 * console.log(precision(matrix, { average: 'none' })); // Float64Array(2) [ 0.5, 1 ]
 */
export function precision<A extends Average = 'macro'>(
  matrix: ConfusionMatrix,
  options: AverageOptions<A> = {},
): Averaged<A> {
  return averaged('precision', matrix, options, ({ hits, predicted }) => [hits, predicted]);
}
