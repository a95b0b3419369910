import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/random-cases.json' with { type: 'json' };
import { accuracy } from './accuracy.ts';
import { agreement } from './agreement.ts';
import type { AverageOptions } from './average.ts';
import { brierScore } from './brier-score.ts';
import { type ConfusionMatrix, confusionMatrix } from './confusion-matrix.ts';
import { expectedCalibrationError } from './expected-calibration-error.ts';
import { f1Score } from './f1-score.ts';
import { fitTemperature } from './fit-temperature.ts';
import { klDivergence } from './kl-divergence.ts';
import { mcnemar } from './mcnemar.ts';
import { negativeLogLikelihood } from './negative-log-likelihood.ts';
import { precision } from './precision.ts';
import { predictions } from './predictions.ts';
import { recall } from './recall.ts';
import { topKAccuracy } from './top-k-accuracy.ts';
import { wilsonInterval } from './wilson-interval.ts';

interface RandomCase {
  number: number;
  classes: number;
  samples: number;
  labels: number[];
  student: number[];
  teacher: number[];
  probabilities: number[];
  /** The probabilities of the sample before. */
  others: number[];
  matrix: ConfusionMatrix;
}

/** The inputs that fixtures/make_fixtures.py drew: Park and Miller's generator is exact in both languages. */
function randomCase(number: number): RandomCase {
  let state = number + 1;
  const draw = (bound: number): number => {
    state = (state * 48271) % 2147483647;
    return state % bound;
  };
  for (let i = 0; i < 3; i++) draw(1);
  const classes = 2 + draw(11);
  const samples = 1 + draw(40);
  const missing = draw(3);
  const levels = [3, 9, 33][draw(3)]!;
  const scale = [1, 1, 1, 1000][draw(4)]!;
  const labels: number[] = [];
  const student: number[] = [];
  const teacher: number[] = [];
  const probabilities: number[][] = [];
  for (let i = 0; i < samples; i++) {
    const label = draw(missing ? classes - 1 : classes);
    labels.push(label);
    for (const scores of [student, teacher]) {
      const row = Array.from({ length: classes }, () => (scale * (draw(levels) - (levels - 1) / 2)) / 2);
      row[label]! += (scale * draw(5)) / 2;
      if (missing === 2) row[classes - 1] = -100 * scale;
      scores.push(...row);
    }
    const row = Array.from({ length: classes }, () => draw(8));
    row[label]! += draw(6);
    const sum = row.reduce((a, b) => a + b);
    if (sum === 0) row[0] = 1;
    probabilities.push(row.map((weight) => weight / (sum || 1)));
  }
  return {
    number,
    classes,
    samples,
    labels,
    student,
    teacher,
    probabilities: probabilities.flat(),
    others: [...probabilities.slice(-1), ...probabilities.slice(0, -1)].flat(),
    matrix: confusionMatrix(predictions(student, samples), labels, classes),
  };
}

const cases = fixture.cases.map((row, number) => {
  const [confusion, values, averages, byClass, binary] = row as (number | null)[][];
  return { ...randomCase(number), confusion, values, averages: averages!, byClass: byClass!, binary: binary! };
});

const hits = (scores: number[], { samples, labels }: RandomCase): boolean[] =>
  Array.from(predictions(scores, samples), (predicted, i) => predicted === labels[i]);

/** The best temperature; 0 or Infinity where the error says so. */
function temperature({ student, labels }: RandomCase): number {
  try {
    return fitTemperature(Float32Array.from(student), labels);
  } catch (error) {
    return String(error).includes('falls to 0') ? 0 : Infinity;
  }
}

const p = { scoresAre: 'probabilities' } as const;
const binsOf = ({ number }: RandomCase) => ({ bins: [1, 5, 10, 15][number % 4]! });

/** In the order of the fixture's second column. */
const metrics: [name: string, of: (one: RandomCase) => number][] = [
  ['accuracy as accuracy_score', ({ student, labels }) => accuracy(student, labels)],
  [
    'topKAccuracy as top_k_accuracy_score',
    (one) => topKAccuracy(one.student, one.labels, 1 + (one.number % one.classes)),
  ],
  ['negativeLogLikelihood as logsumexp', ({ student, labels }) => negativeLogLikelihood(student, labels)],
  ['negativeLogLikelihood as log_loss', (one) => negativeLogLikelihood(one.probabilities, one.labels, p)],
  ['brierScore as brier_score_loss', ({ student, labels }) => brierScore(Float32Array.from(student), labels)],
  [
    'brierScore as brier_score_loss, by half',
    (one) => brierScore(one.probabilities, one.labels, { ...p, scaleByHalf: true }),
  ],
  [
    'expectedCalibrationError as calibration_curve, from logits',
    (one) => expectedCalibrationError(one.student, one.labels, binsOf(one)),
  ],
  [
    'expectedCalibrationError as calibration_curve, from probabilities',
    (one) => expectedCalibrationError(one.probabilities, one.labels, { ...binsOf(one), ...p }),
  ],
  [
    'expectedCalibrationError as calibration_curve, by quantiles',
    (one) => expectedCalibrationError(one.probabilities, one.labels, { ...p, bins: 4, binning: 'equal-mass' }),
  ],
  ['agreement as numpy', ({ student, teacher, samples }) => agreement(student, teacher, samples)],
  [
    'klDivergence as log_softmax',
    ({ number, student, teacher, samples }) =>
      klDivergence(student, teacher, samples, { temperature: [1, 4, 0.5][number % 3]! }),
  ],
  ['klDivergence as scipy.stats.entropy', (one) => klDivergence(one.others, one.probabilities, one.samples, p)],
  ['mcnemar as binomtest', (one) => mcnemar(hits(one.student, one), hits(one.teacher, one)).pValue],
  [
    'mcnemar as statsmodels',
    (one) => mcnemar(hits(one.student, one), hits(one.teacher, one), { method: 'corrected' }).pValue,
  ],
  [
    'wilsonInterval as statsmodels, low',
    (one) => wilsonInterval(hits(one.student, one).filter(Boolean).length, one.samples).low,
  ],
  [
    'wilsonInterval as statsmodels, high',
    (one) => wilsonInterval(hits(one.student, one).filter(Boolean).length, one.samples).high,
  ],
  ['fitTemperature as brentq', temperature],
];

/** 14 digits are in the fixture; what JSON has not, NaN and infinity, is null there. */
function close(actual: number, expected: number | null): boolean {
  if (expected === null) return !Number.isFinite(actual);
  return Math.abs(actual - expected) <= 1e-12 + 1e-11 * Math.abs(expected);
}

function expectAll(
  of: (one: (typeof cases)[number]) => [actual: ArrayLike<number>, expected: (number | null)[]],
): void {
  const wrong = cases.flatMap((one) => {
    const [actual, expected] = of(one);
    const same = actual.length === expected.length && expected.every((value, i) => close(actual[i]!, value));
    return same ? [] : [{ number: one.number, actual: Array.from(actual), expected }];
  });
  expect(wrong).toEqual([]);
}

describe('1000 random cases', () => {
  it('hold what goes wrong easily', () => {
    const count = (of: (one: (typeof cases)[number]) => boolean): number => cases.filter(of).length;
    const equal = ({ student, classes }: RandomCase): boolean =>
      student.slice(0, classes).filter((score) => score === Math.max(...student.slice(0, classes))).length > 1;
    expect(cases.length).toBe(1000);
    expect(count((one) => new Set(one.labels).size < one.classes)).toBeGreaterThan(500);
    expect(count(equal)).toBeGreaterThan(200);
    expect(count((one) => one.binary.length > 0)).toBeGreaterThan(50);
    expect(count((one) => one.values![16] === 0)).toBeGreaterThan(20);
    expect(count((one) => one.values![16] === null)).toBeGreaterThan(20);
  });

  it.each(metrics.map(([name, of], column) => ({ name, of, column })))('$name', ({ of, column }) => {
    expectAll((one) => [[of(one)], [one.values![column]!]]);
  });

  it('confusionMatrix as confusion_matrix', () => {
    for (const { matrix, confusion } of cases) expect(Array.from(matrix.counts)).toEqual(confusion);
  });

  const functions = [precision, recall, f1Score] as const;
  const optionsOf = ({ number, classes }: RandomCase): AverageOptions<never> => ({
    classes: (['all', 'present', [classes - 1, 0]] as const)[number % 3]!,
    zeroDivision: [0, 1, Number.NaN][Math.floor(number / 3) % 3]!,
  });

  it('precision, recall and f1Score as scikit-learn: macro, micro, weighted', () => {
    expectAll((one) => [
      functions.flatMap((metric) =>
        (['macro', 'micro', 'weighted'] as const).map((average) => metric(one.matrix, { ...optionsOf(one), average })),
      ),
      one.averages,
    ]);
  });

  it('precision, recall and f1Score as scikit-learn: by class', () => {
    expectAll((one) => {
      const metric = functions[Math.floor(one.number / 9) % 3]!;
      return [metric(one.matrix, { ...optionsOf(one), average: 'none' }), one.byClass];
    });
  });

  it('precision, recall and f1Score as scikit-learn: binary', () => {
    expectAll((one) => {
      const { zeroDivision } = optionsOf(one);
      const options = { average: 'binary', positiveClass: one.number % 2, zeroDivision: zeroDivision! } as const;
      return [one.binary.length === 0 ? [] : functions.map((metric) => metric(one.matrix, options)), one.binary];
    });
  });
});
