import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { accuracy } from './accuracy.ts';
import { topKAccuracy } from './top-k-accuracy.ts';

describe('topKAccuracy', () => {
  const cases = fixture.scores.flatMap(({ topK, ...rest }) => topK.map((one) => ({ ...rest, ...one })));

  it.each(cases)('matches top_k_accuracy_score: $name, k = $k', ({ scores, labels, k, expected }) => {
    expect(topKAccuracy(scores, labels, k)).toBe(expected);
    expect(topKAccuracy(Float32Array.from(scores), Int32Array.from(labels), k)).toBe(expected);
  });

  it.each(fixture.scores)('is accuracy at k = 1, never falls with k, and ends at 1: $name', (one) => {
    const { scores, labels, classes } = one;
    const values = Array.from({ length: classes }, (_, i) => topKAccuracy(scores, labels, i + 1));
    expect(values[0]).toBe(accuracy(scores, labels));
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values.at(-1)).toBe(1);
  });

  it.each([0, 4, 1.5, Number.NaN])('refuses k = %d of 3 classes', (k) => {
    expect(() => topKAccuracy([1, 2, 3], [0], k)).toThrow(`topKAccuracy: k must be an integer in [1, 3], got ${k}`);
  });

  it('refuses bad scores and labels under its own name', () => {
    expect(() => topKAccuracy([], [], 1)).toThrow('topKAccuracy: got no labels');
    expect(() => topKAccuracy([1, 2, 3], [3], 1)).toThrow('topKAccuracy: label 3 at index 0 is not in [0, 3)');
    expect(() => topKAccuracy([1, 2, 3], [0, 1], 1)).toThrow('topKAccuracy: 3 scores for 2 samples');
    expect(() => topKAccuracy([1, Number.NaN], [0], 1)).toThrow(
      'topKAccuracy: the score of sample 0 for class 1 is NaN',
    );
  });
});
