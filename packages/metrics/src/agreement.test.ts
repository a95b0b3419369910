import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { accuracy } from './accuracy.ts';
import { agreement } from './agreement.ts';

// 1000 random cases against NumPy: random-cases.test.ts.
describe('agreement', () => {
  it.each(fixture.scores)(
    'is the accuracy if the teacher is the labels: $name',
    ({ scores, labels, classes, accuracy: expected }) => {
      const teacher = labels.flatMap((label) => Array.from({ length: classes }, (_, c) => (c === label ? 1 : 0)));
      expect(agreement(scores, teacher, labels.length)).toBe(expected);
      expect(agreement(teacher, Float32Array.from(scores), labels.length)).toBe(accuracy(scores, labels));
    },
  );

  it('is 1 with oneself, ties or not', () => {
    expect(agreement([1, 1, 0, 2], [1, 1, 0, 2], 2)).toBe(1);
  });

  it('refuses scores that do not fit', () => {
    expect(() => agreement([1, 2], [1, 2], 0)).toThrow('agreement: samples must be an integer >= 1, got 0');
    expect(() => agreement([1, 2], [1, 2, 3], 1)).toThrow('agreement: the student scores 2 classes, the teacher 3');
    expect(() => agreement([1, 2, 3], [1, 2], 2)).toThrow('agreement: 3 student scores for 2 samples');
    expect(() => agreement([1, 2], [Number.NaN, 2], 1)).toThrow('agreement: the teacher score of sample 0 for class 0');
  });
});
