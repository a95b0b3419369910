import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { predictions } from './predictions.ts';

describe('predictions', () => {
  it.each(fixture.scores)('matches numpy.argmax: $name', ({ scores, labels, predictions: expected }) => {
    expect(predictions(scores, labels.length)).toEqual(Int32Array.from(expected));
    expect(predictions(Float32Array.from(scores), labels.length)).toEqual(Int32Array.from(expected));
  });

  it('takes infinite scores as they are', () => {
    const infinity = Number.POSITIVE_INFINITY;
    expect([...predictions([-infinity, -1, 3, infinity, -infinity, -infinity], 3)]).toEqual([1, 1, 0]);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %d samples', (samples) => {
    expect(() => predictions([1, 2], samples)).toThrow(`predictions: samples must be an integer >= 1, got ${samples}`);
  });

  it('refuses scores that are not [samples, classes]', () => {
    expect(() => predictions([1, 2, 3], 2)).toThrow(
      'predictions: 3 scores for 2 samples are not [samples, classes] with 2 or more classes',
    );
  });

  it('names the score that is NaN', () => {
    expect(() => predictions([1, 2, 3, 0, Number.NaN, 0], 2)).toThrow(
      'predictions: the score of sample 1 for class 1 is NaN',
    );
  });
});
