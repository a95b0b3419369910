import { permutation, randomSource } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { accuracy } from './accuracy.ts';
import { calibrationBins } from './calibration-bins.ts';
import { expectedCalibrationError } from './expected-calibration-error.ts';

const p = { scoresAre: 'probabilities' } as const;
/** Two classes: samples with these confidences in class 0. */
const rows = (...confidences: number[]): number[] => confidences.flatMap((c) => [c, 1 - c]);
const zeros = (n: number): Int32Array => new Int32Array(n);

// The errors of 1000 random cases against scikit-learn's calibration_curve: random-cases.test.ts.
describe('calibrationBins', () => {
  it('puts a confidence at an edge into the bin below', () => {
    const bins = calibrationBins(rows(0.5, 0.75, 0.875, 1), [0, 0, 1, 0], { ...p, bins: 4 });
    expect(bins).toEqual([
      { low: 0, high: 0.25, count: 0, confidence: Number.NaN, accuracy: Number.NaN },
      { low: 0.25, high: 0.5, count: 1, confidence: 0.5, accuracy: 1 },
      { low: 0.5, high: 0.75, count: 1, confidence: 0.75, accuracy: 1 },
      { low: 0.75, high: 1, count: 2, confidence: 0.9375, accuracy: 0.5 },
    ]);
  });

  it.each([1, 2, 3, 7, 10, 15, 100])('knows edges from their upper neighbours, with %d bins', (bins) => {
    for (let i = Math.ceil(bins / 2); i < bins; i++) {
      const counts = calibrationBins(rows(i / bins, i / bins + 2 ** -53), zeros(2), { ...p, bins }).map(
        (bin) => bin.count,
      );
      expect([counts[i - 1], counts[i]]).toEqual([1, 1]);
    }
  });

  it('has 15 bins of equal width unless told otherwise', () => {
    const logits = [3, 1, 0, 2];
    const options = { bins: 15, binning: 'equal-width', scoresAre: 'logits' } as const;
    expect(calibrationBins(logits, [0, 0])).toEqual(calibrationBins(logits, [0, 0], options));
    expect(calibrationBins(logits, [0, 0]).length).toBe(15);
  });

  it('holds equally many samples a bin when of equal mass, and keeps equal confidences together', () => {
    const options = { ...p, bins: 3, binning: 'equal-mass' } as const;
    const counts = (...confidences: number[]) =>
      calibrationBins(rows(...confidences), zeros(confidences.length), options).map((bin) => bin.count);
    expect(counts(0.9, 0.55, 0.95, 0.8, 0.6, 0.7)).toEqual([2, 2, 2]);
    expect(counts(0.75, 0.75, 0.75, 0.75, 0.75, 0.9)).toEqual([5, 0, 1]);
    expect(counts(0.75)).toEqual([1, 0, 0]);
  });

  it.each(['equal-width', 'equal-mass'] as const)('holds every sample once, in any order: %s', (binning) => {
    const { normal, below } = randomSource({ seed: 4, stream: 'calibration' });
    const samples = Array.from({ length: 200 }, () => ({ scores: [normal(), normal(), normal()], label: below(3) }));
    const of = (list: typeof samples) =>
      [list.flatMap(({ scores }) => scores), list.map(({ label }) => label)] as const;
    const bins = calibrationBins(...of(samples), { bins: 8, binning });
    const hits = bins.reduce((sum, bin) => sum + (bin.count && bin.accuracy * bin.count), 0);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(200);
    expect(hits / 200).toBeCloseTo(accuracy(...of(samples)), 12);
    for (const { low, high, confidence } of bins) expect(confidence <= low || confidence > high).toBe(false);
    const shuffled = Array.from(permutation(200, { seed: 4, stream: 'order' }), (i) => samples[i]!);
    const again = calibrationBins(...of(shuffled), { bins: 8, binning });
    expect(again.map(({ count }) => count)).toEqual(bins.map(({ count }) => count));
  });

  it('does not cut through logits of any size', () => {
    const bins = calibrationBins([1e4, -1e4, -1e4, 1e4, 5, 5], [0, 0, 0], { bins: 2 });
    expect(bins.map(({ count, confidence, accuracy }) => [count, confidence, accuracy])).toEqual([
      [1, 0.5, 1],
      [2, 1, 0.5],
    ]);
  });

  it.each([0, 1.5, Number.NaN])('refuses %d bins', (bins) => {
    expect(() => calibrationBins([1, 2], [0], { bins })).toThrow(
      `calibrationBins: bins must be an integer >= 1, got ${bins}`,
    );
  });

  it('refuses other bad input under its own name', () => {
    const binning = 'quantile' as 'equal-mass';
    expect(() => calibrationBins([1, 2], [0], { binning })).toThrow(
      'calibrationBins: binning must be one of equal-width, equal-mass, got quantile',
    );
    expect(() => calibrationBins([], [])).toThrow('calibrationBins: got no labels');
    expect(() => calibrationBins([1, 2], [5])).toThrow('calibrationBins: label 5 at index 0');
    expect(() => calibrationBins([1, 2], [0], p)).toThrow('calibrationBins: the score of sample 0');
  });
});

describe('expectedCalibrationError', () => {
  it('is 0 for confidence that is accuracy, and the gap where it is not', () => {
    expect(expectedCalibrationError(rows(0.75, 0.75, 0.75, 0.75), [0, 0, 0, 1], p)).toBe(0);
    expect(expectedCalibrationError(rows(1, 1, 1, 1), [0, 0, 1, 1], p)).toBe(0.5);
  });

  it('is the distance of mean confidence and accuracy with one bin', () => {
    expect(expectedCalibrationError(rows(0.625, 0.875), [1, 0], { ...p, bins: 1 })).toBe(0.25);
  });

  it('refuses bad input under its own name', () => {
    expect(() => expectedCalibrationError([], [])).toThrow('expectedCalibrationError: got no labels');
    expect(() => expectedCalibrationError([1, 2], [0], { bins: 0 })).toThrow('expectedCalibrationError: bins must be');
  });
});
