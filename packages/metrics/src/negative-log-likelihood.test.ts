import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { negativeLogLikelihood } from './negative-log-likelihood.ts';

const probabilities = { scoresAre: 'probabilities' } as const;

// 1000 random cases against scikit-learn and SciPy: random-cases.test.ts.
describe('negativeLogLikelihood', () => {
  it.each(fixture.hugeLogits)('matches logsumexp: $scores', ({ scores, labels, nll }) => {
    const value = negativeLogLikelihood(scores, labels);
    expect(value / nll).toBeCloseTo(1, 12);
    expect(value).toBe(negativeLogLikelihood(Float32Array.from(scores), Int32Array.from(labels)));
  });

  it('keeps the digits of a sure answer', () => {
    expect(negativeLogLikelihood([1e4, 1e4 - 60], [0]) / Math.exp(-60)).toBeCloseTo(1, 12);
  });

  it('is log(classes) for equal scores, whatever their size', () => {
    expect(negativeLogLikelihood(new Float32Array(1000).fill(1e4), [3])).toBeCloseTo(Math.log(1000), 13);
  });

  it('does not depend on a shift of the logits', () => {
    expect(negativeLogLikelihood([1, 2, 5], [1])).toBe(negativeLogLikelihood([1025, 1026, 1029], [1]));
  });

  it('is infinite for a label that was ruled out, and 0 for a sure hit', () => {
    expect(negativeLogLikelihood([1, 0, 0.5, 0.5], [1, 0], probabilities)).toBe(Infinity);
    expect(negativeLogLikelihood([0, -Infinity], [1])).toBe(Infinity);
    expect(negativeLogLikelihood([1, 0], [0], probabilities)).toBe(0);
    expect(negativeLogLikelihood([0, -Infinity], [0])).toBe(0);
  });

  it.each<[string, number[], string, string]>([
    ['a score above 1', [2, -1], 'the score of sample 0 for class 0 is 2, not a probability; for', 'INVALID_ARGUMENT'],
    ['a negative score', [1, 0, 1.5, -0.5], 'the score of sample 1 for class 0 is 1.5, not a', 'INVALID_ARGUMENT'],
    ['a row that sums to less', [0.5, 0.25], 'the scores of sample 0 sum to 0.75, not 1', 'INVALID_ARGUMENT'],
    ['NaN', [0.5, 0.5, 0.5, Number.NaN], 'the score of sample 1 for class 1 is NaN', 'NOT_FINITE'],
  ])('refuses %s as probabilities', (_, scores, message, code) => {
    const call = () => negativeLogLikelihood(scores, new Int32Array(scores.length / 2), probabilities);
    expect(call).toThrow(`negativeLogLikelihood: ${message}`);
    expect(call).toThrow(expect.objectContaining({ code }));
  });

  it('takes rows of rounded probabilities', () => {
    expect(negativeLogLikelihood([0.3333, 0.3333, 0.3333], [0], probabilities)).toBeCloseTo(-Math.log(0.3333), 14);
  });

  it.each([
    [[0, Infinity], 'the largest score of sample 0 is Infinity, which has no softmax'],
    [[-Infinity, -Infinity], 'the largest score of sample 0 is -Infinity, which has no softmax'],
  ])('refuses the logits %j', (scores, message) => {
    expect(() => negativeLogLikelihood(scores, [0])).toThrow(`negativeLogLikelihood: ${message}`);
    expect(() => negativeLogLikelihood(scores, [0])).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }));
  });

  it('refuses bad labels, lengths and options under its own name', () => {
    expect(() => negativeLogLikelihood([], [])).toThrow('negativeLogLikelihood: got no labels');
    expect(() => negativeLogLikelihood([1, 2], [2])).toThrow('negativeLogLikelihood: label 2 at index 0');
    expect(() => negativeLogLikelihood([1, 2, 3], [0, 1])).toThrow('negativeLogLikelihood: 3 scores for 2 samples');
    const options = { scoresAre: 'softmax' } as unknown as typeof probabilities;
    expect(() => negativeLogLikelihood([1, 2], [0], options)).toThrow(
      'negativeLogLikelihood: scoresAre must be one of logits, probabilities, got softmax',
    );
  });
});
