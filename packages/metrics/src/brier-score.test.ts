import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { brierScore } from './brier-score.ts';

const probabilities = { scoresAre: 'probabilities' } as const;

// 1000 random cases against scikit-learn: random-cases.test.ts.
describe('brierScore', () => {
  it.each(fixture.hugeLogits)('matches brier_score_loss: $scores', ({ scores, labels, brier }) => {
    expect(brierScore(scores, labels)).toBeCloseTo(brier, 12);
    expect(brierScore(Float32Array.from(scores), Int32Array.from(labels))).toBeCloseTo(brier, 12);
  });

  it('is 0 for sure hits, 2 for sure misses, 1 - 1 / classes for equal scores', () => {
    expect(brierScore([1, 0, 0, 1], [0, 1], probabilities)).toBe(0);
    expect(brierScore([1e4, -1e4, -1e4, 1e4], [1, 0])).toBe(2);
    expect(brierScore([3, 3, 3, 3], [2])).toBe(0.75);
  });

  it('is the squared error of one class of two when scaled by half', () => {
    expect(brierScore([0.75, 0.25], [1], { ...probabilities, scaleByHalf: true })).toBe(0.75 ** 2);
    expect(brierScore([0.75, 0.25], [1], probabilities)).toBe(2 * 0.75 ** 2);
  });

  it('is in [0, 2] for any logits', () => {
    const logits = fc.array(fc.double({ noNaN: true, min: -1e4, max: 1e4 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(logits, (row) => {
        const value = brierScore(row, [row.length - 1]);
        expect(value >= 0 && value <= 2).toBe(true);
      }),
    );
  });

  it('refuses bad input under its own name', () => {
    expect(() => brierScore([], [])).toThrow('brierScore: got no labels');
    expect(() => brierScore([1, 2], [2])).toThrow('brierScore: label 2 at index 0');
    expect(() => brierScore([1, 2, 3], [0, 1])).toThrow('brierScore: 3 scores for 2 samples');
    expect(() => brierScore([1, 2], [0], probabilities)).toThrow('brierScore: the score of sample 0 for class 1 is 2');
  });
});
