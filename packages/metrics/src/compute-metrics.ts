import { KdError } from '@kd/core';
import { type Average, type AverageOptions, averaged } from './average.ts';
import { checkLabels, checkNotEmpty, checkOneOf, checkScores } from './checks.ts';
import { confusionMatrix } from './confusion-matrix.ts';
import { f1Ratio } from './f1-score.ts';
import { predictions as predictClasses } from './predictions.ts';

/** What the Hugging Face trainer hands to `compute_metrics`. */
export interface EvalPrediction {
  /** [samples, classes], logits or probabilities: row-major, or one array for each sample. */
  predictions: ArrayLike<number> | ArrayLike<ArrayLike<number>>;
  /** [samples], integers in [0, classes). */
  labels: ArrayLike<number>;
}

export interface ComputeMetricsOptions extends AverageOptions<Exclude<Average, 'none'>> {
  /** As for `f1Score`, but its default is scikit-learn's. @default 'present' */
  classes?: 'all' | 'present' | ArrayLike<number>;
}

/** A type, not an interface, so that it is a `Record<string, number>` as well. */
export type ClassificationMetrics = { accuracy: number; f1: number };

/** Rows one behind the other. */
function flatten(rows: EvalPrediction['predictions']): ArrayLike<number> {
  const first = rows[0];
  if (typeof first !== 'object') return rows as ArrayLike<number>;
  return Array.from(rows as ArrayLike<ArrayLike<number>>).flatMap((row, sample) => {
    if (row.length === first.length) return Array.from(row);
    throw new KdError(
      'SHAPE_MISMATCH',
      `computeMetrics: predictions of sample ${sample} have ${row.length} scores, the first ${first.length}; pass one for each class`,
      { sample, scores: row.length, first: first.length },
    );
  });
}

/**
 * Accuracy and F1 in the shape of the Hugging Face trainer's `compute_metrics`.
 *
 * `accuracy` as by `accuracy`; `f1` as by `f1Score`, over the classes that have a sample or a prediction. That is what
 * `evaluate.load('accuracy')` and `evaluate.load('f1').compute(…, average='macro')` give; the latter's own default,
 * 'binary', refuses more than two classes. For other averages wrap it:
 * `(evaluation) => computeMetrics(evaluation, { average: 'weighted' })`.
 *
 * @param evaluation scores of 2 classes or more, and as many labels as samples
 * @returns both in [0, 1]
 * @throws {KdError} INVALID_ARGUMENT if there are no labels, one is not an integer in [0, classes), or an option is out of
 *   range
 * @throws {KdError} SHAPE_MISMATCH if the scores are not [samples, classes] with 2 or more classes
 * @throws {KdError} NOT_FINITE if a score is NaN
 *
 * Reference: transformers' EvalPrediction; values checked against scikit-learn's accuracy_score and f1_score, which
 * Hugging Face's evaluate calls.
 *
 * @example
 * import { computeMetrics } from '@kd/metrics';
 * const predictions = Float32Array.of(3, 1, 0, 0, 2, 1, 0, 1, 4, 5, 0, 2); // logits of four samples, three classes
 * const { accuracy, f1 } = computeMetrics({ predictions, labels: [0, 1, 2, 2] });
 * console.log(accuracy, f1.toFixed(3)); // 0.75 0.778
 */
export function computeMetrics(
  { predictions, labels }: EvalPrediction,
  { average = 'macro', classes: taking, ...options }: ComputeMetricsOptions = {},
): ClassificationMetrics {
  checkOneOf('computeMetrics', 'average', average, ['macro', 'micro', 'weighted', 'binary']);
  const scores = flatten(predictions);
  checkNotEmpty('computeMetrics', labels, 'labels');
  const classes = checkScores('computeMetrics', scores, labels.length);
  checkLabels('computeMetrics', labels, classes);
  const predicted = predictClasses(scores, labels.length);
  const matrix = confusionMatrix(predicted, labels, classes);
  return {
    accuracy: predicted.filter((c, i) => c === labels[i]).length / labels.length,
    f1: averaged(
      'computeMetrics',
      matrix,
      { ...options, average, classes: taking ?? (average === 'binary' ? 'all' : 'present') },
      f1Ratio,
    ),
  };
}
