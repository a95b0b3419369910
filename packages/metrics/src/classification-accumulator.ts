import { KdError } from '@kd/core';
import { argmax } from './argmax.ts';
import {
  addToBin,
  binsOf,
  type CalibrationBin,
  type CalibrationSums,
  calibrationError,
  emptySums,
  equalWidthEdges,
} from './calibration-sums.ts';
import { checkInteger, checkSameOptions } from './checks.ts';
import type { ConfusionMatrix } from './confusion-matrix.ts';
import { rankOf } from './rank.ts';
import { checkLabelled, confidenceOf, type ScoreOptions, squaredError, surprise } from './score-rows.ts';

export interface ClassificationAccumulatorOptions extends ScoreOptions {
  /** How many classes every batch scores, an integer >= 2. */
  classes: number;
  /** How many classes a sample may name for `topKAccuracy`, in [1, classes]. @default none: it is left out */
  topK?: number;
  /** Bins of equal width of the calibration, an integer >= 1. @default 15 */
  bins?: number;
}

export interface ClassificationResult {
  samples: number;
  accuracy: number;
  /** Only if `topK` was given. */
  topKAccuracy?: number;
  negativeLogLikelihood: number;
  brierScore: number;
  expectedCalibrationError: number;
  calibrationBins: CalibrationBin[];
  /** For `precision`, `recall` and `f1Score`. */
  confusionMatrix: ConfusionMatrix;
}

/**
 * The metrics of a classifier, batch by batch: for test sets whose scores need not be kept.
 *
 * However the samples are cut into batches, in the same order each metric is what the function of its name gives on all of
 * them, to the last bit. After `merge` the last digits of means may differ; counts stay exact. A batch that is refused
 * changes nothing.
 *
 * @throws {KdError} INVALID_ARGUMENT if an option or a label is out of range, there are no labels, or a row of
 *   probabilities is none; from `result` if there were no samples
 * @throws {KdError} SHAPE_MISMATCH if scores are not [samples, classes]
 * @throws {KdError} NOT_FINITE if a score is NaN, or the largest logit of a sample is infinite
 * @throws {KdError} MISMATCH from `merge` if the other one has other options
 *
 * @example
 * import { ClassificationAccumulator, f1Score } from '@kd/metrics';
 * const metrics = new ClassificationAccumulator({ classes: 2 });
 * metrics.add(Float32Array.of(2, -1, 0, 3), [0, 1]); // two samples
 * metrics.add(Float32Array.of(1, 0), [1]);
 * const { samples, accuracy, confusionMatrix } = metrics.result();
 * console.log(samples, accuracy.toFixed(3), f1Score(confusionMatrix).toFixed(3)); // 3 0.667 0.667
 */
export class ClassificationAccumulator {
  readonly #options: Required<ScoreOptions> & { classes: number; topK: number | undefined; bins: number };
  #samples = 0;
  #topKHits = 0;
  #surprise = 0;
  #squaredError = 0;
  #counts: Int32Array;
  #calibration: CalibrationSums;

  constructor({ classes, topK, bins = 15, scoresAre = 'logits' }: ClassificationAccumulatorOptions) {
    const name = 'ClassificationAccumulator';
    checkInteger(name, 'classes', classes, 2);
    if (topK !== undefined) checkInteger(name, 'topK', topK, 1, classes);
    checkInteger(name, 'bins', bins, 1);
    this.#options = { classes, topK, bins, scoresAre };
    this.#counts = new Int32Array(classes * classes);
    this.#calibration = emptySums(equalWidthEdges(bins));
  }

  /** Takes a batch: scores [samples, classes], row-major, and labels [samples], integers in [0, classes). */
  add(scores: ArrayLike<number>, labels: ArrayLike<number>): void {
    const name = 'ClassificationAccumulator.add';
    const { classes, topK, scoresAre } = this.#options;
    const found = checkLabelled(name, scores, labels, scoresAre);
    if (found !== classes) {
      throw new KdError('SHAPE_MISMATCH', `${name}: the batch scores ${found} classes, expected ${classes}`, {
        found,
        classes,
      });
    }
    for (let sample = 0; sample < labels.length; sample++) {
      const start = sample * classes;
      const label = labels[sample]!;
      const predicted = argmax(scores, start, classes);
      this.#counts[label * classes + predicted]! += 1;
      if (topK !== undefined && rankOf(scores, start, classes, label) < topK) this.#topKHits += 1;
      this.#surprise += surprise(scores, start, classes, label, scoresAre);
      this.#squaredError += squaredError(scores, start, classes, label, scoresAre);
      const confidence = confidenceOf(scores, start, classes, predicted, scoresAre);
      addToBin(this.#calibration, confidence, predicted === label);
    }
    this.#samples += labels.length;
  }

  /** The metrics of all samples so far. */
  result(): ClassificationResult {
    const { classes, topK } = this.#options;
    const samples = this.#samples;
    if (samples === 0) {
      throw new KdError('INVALID_ARGUMENT', 'ClassificationAccumulator.result: there are no samples; add some first');
    }
    const calibrationBins = binsOf(this.#calibration);
    return {
      samples,
      accuracy: this.#counts.reduce((sum, count, i) => sum + (i % (classes + 1) === 0 ? count : 0), 0) / samples,
      ...(topK === undefined ? {} : { topKAccuracy: this.#topKHits / samples }),
      negativeLogLikelihood: this.#surprise / samples,
      brierScore: this.#squaredError / samples,
      expectedCalibrationError: calibrationError(calibrationBins),
      calibrationBins,
      confusionMatrix: { classes, counts: this.#counts.slice() },
    };
  }

  /** Forgets all samples. */
  reset(): void {
    this.#samples = 0;
    this.#topKHits = 0;
    this.#surprise = 0;
    this.#squaredError = 0;
    this.#counts.fill(0);
    this.#calibration = emptySums(this.#calibration.edges);
  }

  /** Adds what another accumulator with the same options has seen, such as a worker's; that one stays as it is. */
  merge(other: ClassificationAccumulator): void {
    checkSameOptions('ClassificationAccumulator.merge', this.#options, other.#options);
    this.#samples += other.#samples;
    this.#topKHits += other.#topKHits;
    this.#surprise += other.#surprise;
    this.#squaredError += other.#squaredError;
    this.#counts = this.#counts.map((count, i) => count + other.#counts[i]!);
    for (const part of ['counts', 'hits', 'confidences'] as const) {
      const theirs = other.#calibration[part];
      this.#calibration[part].forEach((_, i, ours) => {
        ours[i]! += theirs[i]!;
      });
    }
  }
}
