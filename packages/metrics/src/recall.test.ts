import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { confusionMatrix } from './confusion-matrix.ts';
import { recall } from './recall.ts';

// Values against scikit-learn: average.test.ts.
describe('recall', () => {
  it.each(fixture.scores)('is the accuracy when weighted: $name', (one) => {
    const matrix = confusionMatrix(one.predictions, one.labels, one.classes);
    expect(recall(matrix, { average: 'weighted' })).toBeCloseTo(one.accuracy, 14);
  });

  it('is zeroDivision for a class without samples, and for no other', () => {
    const matrix = confusionMatrix([0, 2, 1], [0, 1, 1], 3);
    expect([...recall(matrix, { average: 'none' })]).toEqual([1, 0.5, 0]);
    expect([...recall(matrix, { average: 'none', zeroDivision: 1 })]).toEqual([1, 0.5, 1]);
  });
});
