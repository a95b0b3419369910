import { checkInteger, checkLabels, checkNotEmpty, checkSameLength } from './checks.ts';

/** How often each class was taken for each: rows are labels, columns predictions. */
export interface ConfusionMatrix {
  /** Rows, and columns. */
  readonly classes: number;
  /** int32 [classes, classes], row-major: `counts[label * classes + predicted]`. */
  readonly counts: Int32Array;
}

/**
 * Counts the samples of each label that were predicted as each class.
 *
 * `counts[l, p] = number of i with labels[i] = l and predicted[i] = p`
 *
 * @param predicted [samples], integers in [0, classes), as from `predictions`
 * @param labels [samples], integers in [0, classes)
 * @param classes >= 1; a class without samples keeps its row and column of zeros
 * @returns counts as int32 [classes, classes], rows = labels, columns = predictions
 * @throws {KdError} INVALID_ARGUMENT if there are no labels, or a class is out of range
 * @throws {KdError} SHAPE_MISMATCH if there are not as many predictions as labels
 *
 * Reference: convention and values checked against scikit-learn's confusion_matrix.
 *
 * @example
 * import { confusionMatrix } from '@kd/metrics';
 * const { counts } = confusionMatrix([0, 1, 1], [0, 0, 1], 2);
 * console.log(counts); // Int32Array(4) [ 1, 1, 0, 1 ]
 */
export function confusionMatrix(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): ConfusionMatrix {
  checkInteger('confusionMatrix', 'classes', classes, 1);
  checkSameLength('confusionMatrix', ['predicted', predicted], ['labels', labels]);
  checkNotEmpty('confusionMatrix', labels, 'labels');
  checkLabels('confusionMatrix', labels, classes);
  checkLabels('confusionMatrix', predicted, classes, 'prediction');
  const counts = new Int32Array(classes * classes);
  for (let i = 0; i < labels.length; i++) {
    counts[labels[i]! * classes + predicted[i]!]! += 1;
  }
  return { classes, counts };
}
