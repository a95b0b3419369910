import { type CalibrationOptions, makeCalibrationBins } from './calibration-bins.ts';
import { calibrationError } from './calibration-sums.ts';

/**
 * How far a model's confidence is from its accuracy, on average (ECE).
 *
 * `ece = sum_b (count[b] / samples) * |accuracy[b] - confidence[b]|`, over the bins of `calibrationBins`
 *
 * It depends on the bins, and few samples a bin push it up: compare models with the same options on the same samples.
 *
 * @param scores [samples, classes], row-major: logits, or probabilities with that option; 2 classes or more
 * @param labels [samples], integers in [0, classes)
 * @returns in [0, 1]
 * @throws {KdError} INVALID_ARGUMENT if there are no labels, one is not an integer in [0, classes), an option is out of
 *   range, or a row of probabilities is none
 * @throws {KdError} SHAPE_MISMATCH if the scores are not [samples, classes] with 2 or more classes
 * @throws {KdError} NOT_FINITE if a score is NaN, or the largest logit of a sample is infinite
 *
 * Reference: Naeini et al. 2015, "Obtaining Well Calibrated Probabilities Using Bayesian Binning"; Guo et al. 2017, "On
 * Calibration of Modern Neural Networks", eq. 3; values checked against scikit-learn's calibration_curve.
 *
 * @example
 * import { expectedCalibrationError } from '@kd/metrics';
 * const logits = [4, 0, 4, 0, 0, 4, 0, 4]; // confidence .982 each
 * console.log(expectedCalibrationError(logits, [0, 0, 1, 0]).toFixed(3)); // 0.232
 */
export function expectedCalibrationError(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: CalibrationOptions = {},
): number {
  return calibrationError(makeCalibrationBins('expectedCalibrationError', scores, labels, options));
}
