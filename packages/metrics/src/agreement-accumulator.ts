import { KdError } from '@kd/core';
import { argmax } from './argmax.ts';
import { checkSameOptions } from './checks.ts';
import { checkPairOfDistributions, checkTemperature, type KlDivergenceOptions, rowDivergence } from './divergence.ts';

export interface AgreementResult {
  samples: number;
  agreement: number;
  klDivergence: number;
}

/**
 * How near a student is to its teacher, batch by batch.
 *
 * However the samples are cut into batches, in the same order `agreement` and `klDivergence` are what those functions give
 * on all of them, to the last bit; after `merge` the last digits of the divergence may differ. A batch that is refused
 * changes nothing.
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range, samples is not an integer >= 1, or a row of
 *   probabilities is none; from `result` if there were no samples
 * @throws {KdError} SHAPE_MISMATCH if scores are not [samples, classes] with 2 or more classes, the same for both and in
 *   every batch
 * @throws {KdError} NOT_FINITE if a score is NaN, or the largest logit of a sample is infinite
 * @throws {KdError} MISMATCH from `merge` if the other one has other options
 *
 * @example
 * import { AgreementAccumulator } from '@kd/metrics';
 * const metrics = new AgreementAccumulator({ temperature: 4 });
 * metrics.add([2, 1, 0, 3], [5, 0, 4, 1], 2); // the student's scores, the teacher's, two samples
 * metrics.add([1, 0], [1, 0], 1);
 * const { samples, agreement, klDivergence } = metrics.result();
 * console.log(samples, agreement.toFixed(3), klDivergence.toFixed(3)); // 3 0.667 0.123
 */
export class AgreementAccumulator {
  readonly #options: Required<KlDivergenceOptions>;
  /** Of the batches so far. Another number is most likely a wrong number of samples. */
  #classes: number | undefined;
  #samples = 0;
  #same = 0;
  #divergence = 0;

  constructor({ temperature = 1, scoresAre = 'logits' }: KlDivergenceOptions = {}) {
    checkTemperature('AgreementAccumulator', temperature);
    this.#options = { temperature, scoresAre };
  }

  /** Takes a batch: the student's and the teacher's scores, both [samples, classes], row-major. */
  add(studentScores: ArrayLike<number>, teacherScores: ArrayLike<number>, samples: number): void {
    const { scoresAre } = this.#options;
    const classes = checkPairOfDistributions(
      'AgreementAccumulator.add',
      studentScores,
      teacherScores,
      samples,
      scoresAre,
    );
    this.#keepClasses('AgreementAccumulator.add', classes);
    for (let start = 0; start < studentScores.length; start += classes) {
      if (argmax(studentScores, start, classes) === argmax(teacherScores, start, classes)) this.#same += 1;
      this.#divergence += rowDivergence(studentScores, teacherScores, start, classes, this.#options);
    }
    this.#samples += samples;
  }

  /** Agreement and divergence of all samples so far. */
  result(): AgreementResult {
    const samples = this.#samples;
    if (samples === 0) {
      throw new KdError('INVALID_ARGUMENT', 'AgreementAccumulator.result: there are no samples; add some first');
    }
    return { samples, agreement: this.#same / samples, klDivergence: this.#divergence / samples };
  }

  /** Forgets all samples. */
  reset(): void {
    this.#classes = undefined;
    this.#samples = 0;
    this.#same = 0;
    this.#divergence = 0;
  }

  /** Adds what another accumulator with the same options has seen; that one stays as it is. */
  merge(other: AgreementAccumulator): void {
    checkSameOptions('AgreementAccumulator.merge', this.#options, other.#options);
    if (other.#classes !== undefined) this.#keepClasses('AgreementAccumulator.merge', other.#classes);
    this.#samples += other.#samples;
    this.#same += other.#same;
    this.#divergence += other.#divergence;
  }

  #keepClasses(name: string, classes: number): void {
    this.#classes ??= classes;
    if (this.#classes === classes) return;
    throw new KdError(
      'SHAPE_MISMATCH',
      `${name}: there are ${classes} classes, before there were ${this.#classes}; check samples`,
      { classes, before: this.#classes },
    );
  }
}
