import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { computeMetrics } from './compute-metrics.ts';

/** One array for each sample, as `outputs.logits.tolist()` gives them. */
const nested = (scores: number[], classes: number): number[][] =>
  Array.from({ length: scores.length / classes }, (_, i) => scores.slice(i * classes, (i + 1) * classes));

describe('computeMetrics', () => {
  const cases = fixture.scores.map(({ averages, ...rest }) => ({
    ...rest,
    expected: averages.find((row) => row.classes === 'present' && row.zeroDivision === 0)!.expected.f1Score,
  }));

  it.each(cases)("matches accuracy_score and f1_score(average='macro'): $name", (one) => {
    const { scores, labels, classes } = one;
    for (const predictions of [scores, Float32Array.from(scores), nested(scores, classes)]) {
      const { accuracy, f1 } = computeMetrics({ predictions, labels });
      expect(accuracy).toBe(one.accuracy);
      expect(f1).toBeCloseTo(one.expected.macro, 14);
    }
    const { f1 } = computeMetrics({ predictions: scores, labels: Int32Array.from(labels) }, { average: 'weighted' });
    expect(f1).toBeCloseTo(one.expected.weighted, 14);
  });

  it('is about one class of two when binary', () => {
    const evaluation = { predictions: [2, 1, 0, 1, 0, 1], labels: [0, 1, 0] };
    expect(computeMetrics(evaluation, { average: 'binary' }).f1).toBeCloseTo(2 / 3, 15);
    expect(computeMetrics(evaluation, { average: 'binary', positiveClass: 0 }).f1).toBeCloseTo(2 / 3, 15);
  });

  it('counts classes that do not occur if all are asked for', () => {
    const evaluation = { predictions: [2, 1, 0], labels: [0] };
    expect(computeMetrics(evaluation)).toEqual({ accuracy: 1, f1: 1 });
    expect(computeMetrics(evaluation, { classes: undefined as never }).f1).toBe(1);
    expect(computeMetrics(evaluation, { classes: 'all' }).f1).toBeCloseTo(1 / 3, 15);
  });

  it('takes rows of typed arrays', () => {
    expect(computeMetrics({ predictions: [Float32Array.of(1, 0), Float32Array.of(0, 1)], labels: [0, 1] }).f1).toBe(1);
  });

  it('refuses rows that differ, classes in place of scores, and bad labels', () => {
    expect(() => computeMetrics({ predictions: [[1, 0], [1]], labels: [0, 1] })).toThrow(
      'computeMetrics: predictions of sample 1 have 1 scores, the first 2',
    );
    expect(() => computeMetrics({ predictions: [1, 0, 1], labels: [1, 0, 1] })).toThrow(
      'computeMetrics: 3 scores for 3',
    );
    expect(() => computeMetrics({ predictions: [], labels: [] })).toThrow('computeMetrics: got no labels');
    expect(() => computeMetrics({ predictions: [1, 0], labels: [2] })).toThrow('computeMetrics: label 2 at index 0');
    const average = 'none' as 'macro';
    expect(() => computeMetrics({ predictions: [1, 0], labels: [0] }, { average })).toThrow('computeMetrics: average');
  });
});
