import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracy } from './accuracy.ts';
import { agreement } from './agreement.ts';
import { AgreementAccumulator } from './agreement-accumulator.ts';
import { brierScore } from './brier-score.ts';
import { calibrationBins } from './calibration-bins.ts';
import { ClassificationAccumulator } from './classification-accumulator.ts';
import { confusionMatrix } from './confusion-matrix.ts';
import { expectedCalibrationError } from './expected-calibration-error.ts';
import { klDivergence } from './kl-divergence.ts';
import { negativeLogLikelihood } from './negative-log-likelihood.ts';
import { predictions } from './predictions.ts';
import { topKAccuracy } from './top-k-accuracy.ts';

interface Sample {
  student: number[];
  teacher: number[];
  label: number;
}

const CLASSES = 4;
const row = fc
  .array(fc.integer({ min: -12, max: 12 }), { minLength: CLASSES, maxLength: CLASSES })
  .map((scores) => scores.map((x) => x / 3));
const sample: fc.Arbitrary<Sample> = fc.record({ student: row, teacher: row, label: fc.nat(CLASSES - 1) });
/** Batches of any sizes. */
const batches = fc.array(fc.array(sample, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 });

const studentOf = (samples: Sample[]): number[] => samples.flatMap(({ student }) => student);
const teacherOf = (samples: Sample[]): number[] => samples.flatMap(({ teacher }) => teacher);
const labelsOf = (samples: Sample[]): number[] => samples.map(({ label }) => label);
const options = { classes: CLASSES, topK: 2, bins: 5 };

function classified(of: Sample[][]): ClassificationAccumulator {
  const accumulator = new ClassificationAccumulator(options);
  for (const batch of of) accumulator.add(Float64Array.from(studentOf(batch)), labelsOf(batch));
  return accumulator;
}

function agreed(of: Sample[][]): AgreementAccumulator {
  const accumulator = new AgreementAccumulator({ temperature: 2 });
  for (const batch of of) accumulator.add(studentOf(batch), teacherOf(batch), batch.length);
  return accumulator;
}

describe('ClassificationAccumulator', () => {
  it('gives what the functions give on all samples, to the last bit', () => {
    fc.assert(
      fc.property(batches, (of) => {
        const all = of.flat();
        const [scores, labels] = [studentOf(all), labelsOf(all)];
        expect(classified(of).result()).toEqual({
          samples: all.length,
          accuracy: accuracy(scores, labels),
          topKAccuracy: topKAccuracy(scores, labels, 2),
          negativeLogLikelihood: negativeLogLikelihood(scores, labels),
          brierScore: brierScore(scores, labels),
          expectedCalibrationError: expectedCalibrationError(scores, labels, { bins: 5 }),
          calibrationBins: calibrationBins(scores, labels, { bins: 5 }),
          confusionMatrix: confusionMatrix(predictions(scores, labels.length), labels, CLASSES),
        });
      }),
    );
  });

  it('merges: counts exactly, means but for rounding, and leaves the other as it was', () => {
    fc.assert(
      fc.property(batches, batches, (first, second) => {
        const [merged, other] = [classified(first), classified(second)];
        const before = other.result();
        merged.merge(other);
        const [result, expected] = [merged.result(), classified([...first, ...second]).result()];
        expect(other.result()).toEqual(before);
        for (const key of ['samples', 'accuracy', 'topKAccuracy', 'confusionMatrix'] as const) {
          expect(result[key]).toEqual(expected[key]);
        }
        for (const key of ['negativeLogLikelihood', 'brierScore', 'expectedCalibrationError'] as const) {
          expect(result[key]).toBeCloseTo(expected[key], 12);
        }
        expect(result.calibrationBins.map(({ count }) => count)).toEqual(
          expected.calibrationBins.map(({ count }) => count),
        );
      }),
    );
  });

  const metrics = () => new ClassificationAccumulator({ classes: 2 });

  it('leaves out topKAccuracy unless it is asked for, and has 15 bins', () => {
    const accumulator = metrics();
    accumulator.add([1, 0], [0]);
    expect('topKAccuracy' in accumulator.result()).toBe(false);
    expect(accumulator.result().calibrationBins).toEqual(calibrationBins([1, 0], [0]));
  });

  it('takes probabilities', () => {
    const accumulator = new ClassificationAccumulator({ classes: 2, scoresAre: 'probabilities' });
    accumulator.add([0.75, 0.25], [0]);
    expect(accumulator.result()).toMatchObject({ brierScore: 0.125, negativeLogLikelihood: -Math.log(0.75) });
  });

  it('starts anew after reset', () => {
    const accumulator = classified([[{ student: [1, 2, 3, 4], teacher: [], label: 0 }]]);
    accumulator.reset();
    expect(() => accumulator.result()).toThrow(
      'ClassificationAccumulator.result: there are no samples; add some first',
    );
    accumulator.add([4, 3, 2, 1], [0]);
    expect(accumulator.result()).toEqual(classified([[{ student: [4, 3, 2, 1], teacher: [], label: 0 }]]).result());
  });

  it('gives a result that later batches do not change', () => {
    const accumulator = metrics();
    accumulator.add([1, 0], [0]);
    const { confusionMatrix: matrix, calibrationBins: bins } = accumulator.result();
    accumulator.add([1, 0], [1]);
    expect(Array.from(matrix.counts)).toEqual([1, 0, 0, 0]);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(1);
  });

  it.each<[number[], number[], string]>([
    [[1, 0, 0, 1], [0, 2], 'label 2 at index 1 is not in [0, 2)'],
    [[1, 0, 3], [0], 'the batch scores 3 classes, expected 2'],
    [[1, Number.NaN], [0], 'the score of sample 0 for class 1 is NaN'],
    [[], [], 'got no labels'],
  ])('refuses the batch %j, %j, and is not changed by it', (scores, labels, message) => {
    const accumulator = metrics();
    accumulator.add([1, 0], [0]);
    const before = accumulator.result();
    expect(() => accumulator.add(scores, labels)).toThrow(`ClassificationAccumulator.add: ${message}`);
    expect(accumulator.result()).toEqual(before);
  });

  it('refuses bad options, and to merge what was counted with others', () => {
    expect(() => new ClassificationAccumulator({ classes: 1 })).toThrow(
      'ClassificationAccumulator: classes must be an integer >= 2, got 1',
    );
    expect(() => new ClassificationAccumulator({ classes: 3, topK: 4 })).toThrow('topK must be an integer in [1, 3]');
    expect(() => new ClassificationAccumulator({ classes: 3, bins: 0 })).toThrow('bins must be an integer >= 1, got 0');
    const merge = () => metrics().merge(new ClassificationAccumulator({ classes: 2, bins: 10 }));
    expect(merge).toThrow('ClassificationAccumulator.merge: bins is 15 here, 10 there; give both the same options');
    expect(merge).toThrow(expect.objectContaining({ code: 'MISMATCH' }));
  });
});

describe('AgreementAccumulator', () => {
  it('gives what the functions give on all samples, to the last bit', () => {
    fc.assert(
      fc.property(batches, (of) => {
        const all = of.flat();
        const [student, teacher] = [studentOf(all), teacherOf(all)];
        expect(agreed(of).result()).toEqual({
          samples: all.length,
          agreement: agreement(student, teacher, all.length),
          klDivergence: klDivergence(student, teacher, all.length, { temperature: 2 }),
        });
      }),
    );
  });

  it('merges and resets', () => {
    const one = [{ student: [1, 0], teacher: [0, 1], label: 0 }];
    const two = [{ student: [2, 0], teacher: [1, 0], label: 0 }];
    const merged = agreed([one]);
    merged.merge(agreed([two]));
    expect(merged.result()).toEqual(agreed([one, two]).result());
    merged.reset();
    expect(() => merged.result()).toThrow('AgreementAccumulator.result: there are no samples; add some first');
  });

  it('refuses batches of other classes, as a wrong number of samples makes them', () => {
    const metrics = new AgreementAccumulator();
    const [few, many] = [
      [1, 0],
      [1, 0, 0, 1],
    ];
    metrics.add(many, many, 2);
    const expected = { samples: 2, agreement: 1, klDivergence: 0 };
    expect(() => metrics.add(many, many, 1)).toThrow(
      'AgreementAccumulator.add: there are 4 classes, before there were 2',
    );
    const other = new AgreementAccumulator();
    other.add(many, many, 1);
    expect(() => metrics.merge(other)).toThrow('AgreementAccumulator.merge: there are 4 classes');
    metrics.merge(new AgreementAccumulator());
    expect(metrics.result()).toEqual(expected);
    other.reset();
    other.add(few, few, 1);
    metrics.merge(other);
    expect(metrics.result()).toEqual({ ...expected, samples: 3 });
  });

  it('refuses bad batches, options, and to merge what was counted with others', () => {
    const accumulator = agreed([[{ student: [1, 0], teacher: [0, 1], label: 0 }]]);
    const before = accumulator.result();
    expect(() => accumulator.add([1, 0, 1, 0], [1, 0, Number.NaN, 0], 2)).toThrow(
      'AgreementAccumulator.add: the teacher score of sample 1 for class 0 is NaN',
    );
    expect(accumulator.result()).toEqual(before);
    expect(() => new AgreementAccumulator({ temperature: 0 })).toThrow('AgreementAccumulator: temperature must be');
    expect(() => accumulator.merge(new AgreementAccumulator())).toThrow(
      'AgreementAccumulator.merge: temperature is 2 here, 1 there',
    );
  });
});
