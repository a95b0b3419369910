import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { confusionMatrix } from './confusion-matrix.ts';
import { f1Score } from './f1-score.ts';
import { precision } from './precision.ts';
import { recall } from './recall.ts';

// Values against scikit-learn: average.test.ts.
describe('f1Score', () => {
  it.each(fixture.scores)("is the harmonic mean of each class's precision and recall: $name", (one) => {
    const matrix = confusionMatrix(one.predictions, one.labels, one.classes);
    const p = precision(matrix, { average: 'none' });
    const r = recall(matrix, { average: 'none' });
    f1Score(matrix, { average: 'none' }).forEach((value, c) => {
      expect(value).toBeCloseTo(value === 0 ? p[c]! * r[c]! : 2 / (1 / p[c]! + 1 / r[c]!), 14);
    });
  });

  it('counts a class without samples and predictions as 0 over all classes, and leaves it out of the present', () => {
    const matrix = confusionMatrix([0, 1], [0, 1], 4);
    expect(f1Score(matrix)).toBe(0.5);
    expect(f1Score(matrix, { classes: 'present' })).toBe(1);
    expect(f1Score(matrix, { zeroDivision: 1 })).toBe(1);
  });

  it('is 0 for a class with samples that is never found, whatever zeroDivision', () => {
    const matrix = confusionMatrix([0, 0], [0, 1], 2);
    expect(f1Score(matrix, { average: 'none', zeroDivision: 1 })[1]).toBe(0);
  });
});
