import { permutation, randomSource } from '@kd/core';
import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { accuracy } from './accuracy.ts';

describe('accuracy', () => {
  it.each(fixture.scores)('matches accuracy_score: $name', ({ scores, labels, accuracy: expected }) => {
    expect(accuracy(scores, labels)).toBe(expected);
    expect(accuracy(Float32Array.from(scores), Int32Array.from(labels))).toBe(expected);
  });

  it('does not depend on the order of the samples, nor on a shift or a positive factor of their scores', () => {
    const { normal, below } = randomSource({ seed: 1, stream: 'accuracy' });
    const rows = Array.from({ length: 50 }, () => ({ scores: [normal(), normal(), normal()], label: below(3) }));
    const of = (list: typeof rows): number =>
      accuracy(
        list.flatMap((row) => row.scores),
        list.map((row) => row.label),
      );
    const shuffled = Array.from(permutation(50, { seed: 1, stream: 'order' }), (i) => rows[i]!);
    const moved = rows.map(({ scores, label }, i) => ({ scores: scores.map((x) => 4 * x + i), label }));
    expect(of(shuffled)).toBe(of(rows));
    expect(of(moved)).toBe(of(rows));
  });

  it.each([
    [[0, 7], 'accuracy: label 7 at index 1 is not in [0, 3)'],
    [[-1, 0], 'accuracy: label -1 at index 0 is not in [0, 3)'],
    [[0, 1.5], 'accuracy: label 1.5 at index 1 is not an integer'],
    [[Number.NaN, 0], 'accuracy: label NaN at index 0 is not an integer'],
  ])('refuses labels %j', (labels, message) => {
    const call = () => accuracy([1, 2, 3, 4, 5, 6], labels);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('refuses no samples', () => {
    expect(() => accuracy([], [])).toThrow('accuracy: got no labels; pass at least one');
  });

  it.each([
    ['a length that does not fit', [1, 2, 3, 4, 5], [0, 1]],
    ['predictions in place of scores', [0, 1, 1], [0, 1, 0]],
    ['no scores', [], [0]],
  ])('refuses %s', (_, scores, labels) => {
    const call = () => accuracy(scores, labels);
    expect(call).toThrow(`accuracy: ${scores.length} scores for ${labels.length} samples are not [samples, classes]`);
    expect(call).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  });

  it.each([[undefined], ['3'], [[3, 4]]])('refuses the score %j, which is no number', (score) => {
    expect(() => accuracy([1, 2, score as never, 4], [1, 1])).toThrow(
      `accuracy: the score of sample 1 for class 0 is ${score}`,
    );
  });

  it('refuses a score that is NaN', () => {
    const call = () => accuracy([1, 2, Number.NaN, 0], [1, 0]);
    expect(call).toThrow('accuracy: the score of sample 1 for class 0 is NaN');
    expect(call).toThrow(expect.objectContaining({ code: 'NOT_FINITE', details: { sample: 1, class: 0 } }));
  });
});
