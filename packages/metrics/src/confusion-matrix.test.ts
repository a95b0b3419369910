import { permutation } from '@kd/core';
import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { confusionMatrix } from './confusion-matrix.ts';

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

describe('confusionMatrix', () => {
  it.each(fixture.scores.filter((one) => one.confusion !== null))('matches confusion_matrix: $name', (one) => {
    expect(confusionMatrix(one.predictions, one.labels, one.classes)).toEqual({
      classes: one.classes,
      counts: Int32Array.from(one.confusion!),
    });
  });

  it.each(fixture.scores)('has rows that count labels and columns that count predictions: $name', (one) => {
    const { counts } = confusionMatrix(one.predictions, one.labels, one.classes);
    for (let c = 0; c < one.classes; c++) {
      const row = counts.subarray(c * one.classes, (c + 1) * one.classes);
      const column = counts.filter((_, i) => i % one.classes === c);
      expect(sum(row)).toBe(one.labels.filter((label) => label === c).length);
      expect(sum(column)).toBe(one.predictions.filter((predicted) => predicted === c).length);
    }
  });

  it.each(fixture.scores)('does not depend on the order of the samples: $name', (one) => {
    const order = Array.from(permutation(one.labels.length, { seed: 2, stream: 'order' }));
    const shuffled = confusionMatrix(
      order.map((i) => one.predictions[i]!),
      order.map((i) => one.labels[i]!),
      one.classes,
    );
    expect(shuffled).toEqual(confusionMatrix(one.predictions, one.labels, one.classes));
  });

  it.each<[number[], number[], number, string]>([
    [[0], [0, 1], 2, 'confusionMatrix: predicted has 1 values, labels has 2'],
    [[], [], 2, 'confusionMatrix: got no labels'],
    [[0, 1], [0, 2], 2, 'confusionMatrix: label 2 at index 1 is not in [0, 2)'],
    [[-1, 1], [0, 1], 2, 'confusionMatrix: prediction -1 at index 0 is not in [0, 2)'],
    [[0.5, 1], [0, 1], 2, 'confusionMatrix: prediction 0.5 at index 0 is not an integer'],
    [[0], [0], 0, 'confusionMatrix: classes must be an integer >= 1, got 0'],
    [[0], [0], 2.5, 'confusionMatrix: classes must be an integer >= 1, got 2.5'],
  ])('refuses predictions %j, labels %j, %d classes', (predicted, labels, classes, message) => {
    expect(() => confusionMatrix(predicted, labels, classes)).toThrow(message);
  });
});
