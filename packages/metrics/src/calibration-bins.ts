import { argmax } from './argmax.ts';
import { addToBin, binsOf, type CalibrationBin, emptySums, equalWidthEdges } from './calibration-sums.ts';
import { checkInteger, checkOneOf } from './checks.ts';
import { checkLabelled, confidenceOf, type ScoreOptions } from './score-rows.ts';

export interface CalibrationOptions extends ScoreOptions {
  /** How many bins, an integer >= 1. @default 15 */
  bins?: number;
  /**
   * `equal-width`: edges at `i / bins`. `equal-mass`: edges at the quantiles of the confidences, so that the bins hold
   * about as many samples each; equal confidences stay together. @default 'equal-width'
   */
  binning?: 'equal-width' | 'equal-mass';
}

/**
 * Quantiles of the values at `i / bins`, each the value at or below it: interpolating up to the next would move no sample
 * to another bin.
 */
function quantileEdges(values: Float64Array, bins: number): Float64Array {
  const sorted = values.slice().sort();
  return Float64Array.from({ length: bins + 1 }, (_, i) => sorted[Math.floor((i * (sorted.length - 1)) / bins)]!);
}

/** As `calibrationBins`; `name` is the public function's, for the messages. */
export function makeCalibrationBins(
  name: string,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  { scoresAre = 'logits', bins = 15, binning = 'equal-width' }: CalibrationOptions,
): CalibrationBin[] {
  checkInteger(name, 'bins', bins, 1);
  checkOneOf(name, 'binning', binning, ['equal-width', 'equal-mass']);
  const classes = checkLabelled(name, scores, labels, scoresAre);
  const confidences = new Float64Array(labels.length);
  const right: boolean[] = [];
  for (let sample = 0; sample < labels.length; sample++) {
    const start = sample * classes;
    const predicted = argmax(scores, start, classes);
    confidences[sample] = confidenceOf(scores, start, classes, predicted, scoresAre);
    right.push(predicted === labels[sample]);
  }
  const sums = emptySums(binning === 'equal-mass' ? quantileEdges(confidences, bins) : equalWidthEdges(bins));
  confidences.forEach((confidence, sample) => {
    addToBin(sums, confidence, right[sample]!);
  });
  return binsOf(sums);
}

/**
 * How often a model is right at each level of confidence: the bars of a reliability diagram.
 *
 * A sample's confidence is `max_c p[i, c]`, with `p = softmax(scores)` for logits. Bin b holds the samples with
 * `edge[b] < confidence <= edge[b + 1]`; the first also those at its lower edge.
 *
 * @param scores [samples, classes], row-major: logits, or probabilities with that option; 2 classes or more
 * @param labels [samples], integers in [0, classes)
 * @returns all bins from low to high, empty ones too; where confidence exceeds accuracy the model is overconfident
 * @throws {KdError} INVALID_ARGUMENT if there are no labels, one is not an integer in [0, classes), an option is out of
 *   range, or a row of probabilities is none
 * @throws {KdError} SHAPE_MISMATCH if the scores are not [samples, classes] with 2 or more classes
 * @throws {KdError} NOT_FINITE if a score is NaN, or the largest logit of a sample is infinite
 *
 * Reference: Guo et al. 2017, "On Calibration of Modern Neural Networks", sec. 2; values checked against scikit-learn's
 * calibration_curve, 'uniform' and 'quantile'.
 *
 * @example
 * import { calibrationBins } from '@kd/metrics';
 * const probabilities = [0.75, 0.25, 0.25, 0.75, 0, 1]; // three samples, two classes
 * const bins = calibrationBins(probabilities, [0, 0, 1], { scoresAre: 'probabilities', bins: 4 });
 * console.log(bins[2]); // { low: 0.5, high: 0.75, count: 2, confidence: 0.75, accuracy: 0.5 }
 */
export function calibrationBins(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: CalibrationOptions = {},
): CalibrationBin[] {
  return makeCalibrationBins('calibrationBins', scores, labels, options);
}
