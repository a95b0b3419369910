import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { confusionMatrix } from './confusion-matrix.ts';
import { precision } from './precision.ts';
import { recall } from './recall.ts';

// Values against scikit-learn: average.test.ts.
describe('precision', () => {
  it.each(fixture.scores)('is the recall with labels and predictions exchanged: $name', (one) => {
    const matrix = confusionMatrix(one.predictions, one.labels, one.classes);
    const exchanged = confusionMatrix(one.labels, one.predictions, one.classes);
    expect(precision(matrix)).toBe(recall(exchanged));
    expect(precision(matrix, { average: 'none' })).toEqual(recall(exchanged, { average: 'none' }));
  });

  it('is zeroDivision for a class that is never predicted, and for no other', () => {
    const matrix = confusionMatrix([0, 1, 1], [0, 2, 1], 3);
    expect([...precision(matrix, { average: 'none' })]).toEqual([1, 0.5, 0]);
    expect([...precision(matrix, { average: 'none', zeroDivision: 1 })]).toEqual([1, 0.5, 1]);
  });
});
