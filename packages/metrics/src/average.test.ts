import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import type { AverageOptions } from './average.ts';
import { confusionMatrix } from './confusion-matrix.ts';
import { f1Score } from './f1-score.ts';
import { precision } from './precision.ts';
import { recall } from './recall.ts';

const metrics = { precision, recall, f1Score };
const names = ['precision', 'recall', 'f1Score'] as const;
const matrixOf = (one: (typeof fixture.scores)[number]) => confusionMatrix(one.predictions, one.labels, one.classes);

describe.each(names)('%s', (name) => {
  const metric = metrics[name];
  const cases = fixture.scores.flatMap((one) =>
    one.averages.map((row) => ({
      name: one.name,
      matrix: matrixOf(one),
      options: { classes: row.classes, zeroDivision: row.zeroDivision } as AverageOptions,
      expected: row.expected[name],
    })),
  );

  it.each(cases)('matches scikit-learn: $name, $options', ({ matrix, options, expected }) => {
    for (const average of ['macro', 'micro', 'weighted'] as const) {
      expect(metric(matrix, { ...options, average })).toBeCloseTo(expected[average], 14);
    }
    if (expected.none.length > 0) {
      expect(metric(matrix, { ...options, average: 'none' })).toEqual(Float64Array.from(expected.none));
    }
  });

  it.each(fixture.scores)('is the accuracy when its micro average is over all classes: $name', (one) => {
    expect(metric(matrixOf(one), { average: 'micro' })).toBe(one.accuracy);
  });

  it.each(fixture.scores)('has the same macro average however the classes are numbered: $name', (one) => {
    const backwards = (values: number[]): number[] => values.map((c) => one.classes - 1 - c);
    const renumbered = confusionMatrix(backwards(one.predictions), backwards(one.labels), one.classes);
    expect(metric(renumbered)).toBeCloseTo(metric(matrixOf(one)), 14);
  });

  const matrix = confusionMatrix([0, 0, 1], [0, 1, 1], 3);

  it('averages over all classes with equal weight unless told otherwise', () => {
    const each = metric(matrix, { average: 'none' });
    expect(metric(matrix)).toBe((each[0]! + each[1]! + each[2]!) / 3);
    expect(metric(matrix, { average: 'macro', classes: 'all', zeroDivision: 0 })).toBe(metric(matrix));
  });

  const two = confusionMatrix([0, 0, 1, 1, 1], [0, 1, 1, 1, 0], 2);

  it('is the value of the positive class, 1 unless told otherwise, when binary', () => {
    const each = metric(two, { average: 'none' });
    expect(metric(two, { average: 'binary' })).toBe(each[1]);
    expect(metric(two, { average: 'binary', positiveClass: 0 })).toBe(each[0]);
  });

  it.each<[object, string]>([
    [{ average: 'binary', positiveClass: 2 }, 'positiveClass must be an integer in [0, 1], got 2'],
    [{ average: 'binary', classes: [1] }, "average 'binary' takes no classes; choose one with positiveClass"],
  ])('refuses options %j of two classes', (options, message) => {
    expect(() => metric(two, options)).toThrow(`${name}: ${message}`);
  });

  it('leaves classes that are NaN out of the averages', () => {
    const empty = confusionMatrix([0, 0], [0, 0], 3); // classes 1 and 2 are 0 / 0
    for (const average of ['macro', 'weighted', 'micro'] as const) {
      expect(metric(empty, { average, zeroDivision: Number.NaN })).toBe(1);
    }
    expect(metric(empty, { average: 'none', zeroDivision: Number.NaN })).toEqual(
      Float64Array.of(1, Number.NaN, Number.NaN),
    );
    expect(metric(empty, { classes: [1, 2], zeroDivision: Number.NaN })).toBeNaN();
  });

  it.each<[object, string]>([
    [{ average: 'samples' }, 'average must be one of macro, micro, weighted, binary, none, got samples'],
    [{ average: 'binary' }, "average 'binary' needs 2 classes, the matrix has 3; use 'macro', "],
    [{ positiveClass: 1 }, "positiveClass needs average 'binary', got 'macro'"],
    [{ zeroDivision: 2 }, 'zeroDivision must be 0, 1 or NaN, got 2'],
    [{ classes: 'some' }, "classes must be 'all', 'present' or numbers, got 'some'"],
    [{ classes: [] }, 'got no classes; pass at least one'],
    [{ classes: [0, 3] }, 'class 3 at index 1 is not in [0, 3)'],
    [{ classes: [1, 0, 1] }, 'class 1 is chosen twice; name each class once'],
  ])('refuses options %j', (options, message) => {
    expect(() => metric(matrix, options)).toThrow(`${name}: ${message}`);
  });

  it('refuses what is no confusion matrix', () => {
    const of = (classes: number, ...counts: number[]) => metric({ classes, counts: Int32Array.from(counts) });
    expect(() => of(2, 1, 2, 3)).toThrow(`${name}: the matrix has 3 counts, 2 classes need 4`);
    expect(() => of(0)).toThrow(`${name}: the matrix has 0 counts, 0 classes need 0`);
    expect(() => of(2, 0, 0, -1, 0)).toThrow(`${name}: the count -1 of label 1, prediction 0 is not an integer >= 0`);
    expect(() => of(2, 0, 0, 0, 0)).toThrow(`${name}: the matrix counts no samples`);
  });
});
