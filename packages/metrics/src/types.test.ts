import { expectTypeOf, it } from 'vitest';
import {
  type Average,
  type AverageOptions,
  brierScore,
  type CalibrationBin,
  ClassificationAccumulator,
  calibrationBins,
  computeMetrics,
  confusionMatrix,
  f1Score,
  klDivergence,
  mcnemar,
  precision,
  recall,
  wilsonInterval,
} from './index.ts';

const matrix = confusionMatrix([0, 1], [0, 1], 2);
const scores = Float32Array.of(1, 0, 0, 1);

it('gives an array for none, a number for the other averages', () => {
  const any: AverageOptions = {};
  for (const metric of [precision, recall, f1Score]) {
    expectTypeOf(metric(matrix)).toEqualTypeOf<number>();
    expectTypeOf(metric(matrix, { zeroDivision: Number.NaN })).toEqualTypeOf<number>();
    expectTypeOf(metric(matrix, { average: 'weighted' })).toEqualTypeOf<number>();
    expectTypeOf(metric(matrix, { average: 'binary', positiveClass: 0 })).toEqualTypeOf<number>();
    expectTypeOf(metric(matrix, { average: 'none' })).toEqualTypeOf<Float64Array>();
    expectTypeOf(metric(matrix, any)).toEqualTypeOf<number | Float64Array>();
  }
  expectTypeOf<Average>().toEqualTypeOf<'macro' | 'micro' | 'weighted' | 'binary' | 'none'>();
});

it('takes any array of numbers', () => {
  expectTypeOf(brierScore).parameter(0).toEqualTypeOf<ArrayLike<number>>();
  expectTypeOf<Float32Array>().toExtend<Parameters<typeof brierScore>[0]>();
  expectTypeOf<Int32Array>().toExtend<Parameters<typeof brierScore>[1]>();
  expectTypeOf<readonly number[]>().toExtend<Parameters<typeof brierScore>[1]>();
});

it('gives a trainer a record of numbers', () => {
  const result = computeMetrics({ predictions: [[1, 0], scores.subarray(2)], labels: [0, 1] });
  expectTypeOf(result).toEqualTypeOf<{ accuracy: number; f1: number }>();
  expectTypeOf(result).toExtend<Record<string, number>>();
});

it('says what results hold', () => {
  expectTypeOf(calibrationBins(scores, [0, 1])).toEqualTypeOf<CalibrationBin[]>();
  expectTypeOf(mcnemar([1], [0]).pValue).toEqualTypeOf<number>();
  expectTypeOf<ReturnType<ClassificationAccumulator['result']>['topKAccuracy']>().toEqualTypeOf<number | undefined>();
});

it('refuses misspelt and impossible options', () => {
  // Compiled, not called.
  const calls = [
    // @ts-expect-error: not an average
    () => f1Score(matrix, { average: 'binry' }),
    // @ts-expect-error: zeroDivision
    () => f1Score(matrix, { zeroDivison: 1 }),
    // @ts-expect-error: scoresAre
    () => brierScore(scores, [0, 1], { scoreAre: 'logits' }),
    // @ts-expect-error: 'probabilities'
    () => klDivergence(scores, scores, 2, { scoresAre: 'probability' }),
    // @ts-expect-error: binning
    () => calibrationBins(scores, [0, 1], { binning: 'quantile' }),
    // @ts-expect-error: one number an average
    () => computeMetrics({ predictions: scores, labels: [0, 1] }, { average: 'none' }),
    // @ts-expect-error: how many classes?
    () => new ClassificationAccumulator({}),
    // @ts-expect-error: numbers, not their names
    () => wilsonInterval('9', 10),
  ];
  expectTypeOf(calls).toBeArray();
});
