import { randomSource } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { fitTemperature } from './fit-temperature.ts';
import { negativeLogLikelihood } from './negative-log-likelihood.ts';

function draw(samples: number, classes: number, skill: number): { logits: Float32Array; labels: Int32Array } {
  const { normal, below } = randomSource({ seed: 7, stream: 'temperature' });
  const labels = Int32Array.from({ length: samples }, () => below(classes));
  const logits = Float32Array.from({ length: samples * classes }, (_, i) => {
    return 3 * (normal() + (i % classes === labels[Math.floor(i / classes)] ? skill : 0));
  });
  return { logits, labels };
}

// 1000 random cases against scipy.optimize: random-cases.test.ts.
describe('fitTemperature', () => {
  it.each([2, 1000])('finds the lowest likelihood among its neighbours: %d classes', (classes) => {
    const { logits, labels } = draw(60, classes, 1);
    const nll = (t: number): number =>
      negativeLogLikelihood(
        logits.map((x) => x / t),
        labels,
      );
    const temperature = fitTemperature(logits, labels);
    for (const factor of [0.5, 0.99, 1.01, 2]) expect(nll(temperature)).toBeLessThan(nll(temperature * factor));
  });

  it('makes the confidence of one level the accuracy', () => {
    // 3 of 4 right: sigmoid(4 / T) = 3 / 4.
    expect(fitTemperature([4, 0, 4, 0, 0, 4, 0, 4], [0, 0, 1, 0])).toBeCloseTo(4 / Math.log(3), 12);
  });

  it.each([1e-4, 4, 1e4])('grows with its logits: %d times', (factor) => {
    const { logits, labels } = draw(50, 3, 0.5);
    const large = Float64Array.from(logits, (x) => x * factor);
    expect(fitTemperature(large, labels) / fitTemperature(logits, labels) / factor).toBeCloseTo(1, 12);
  });

  it('does not depend on a shift of a sample', () => {
    const { logits, labels } = draw(50, 3, 0.5);
    const shifted = Float64Array.from(logits, (x, i) => x + Math.floor(i / 3));
    expect(fitTemperature(shifted, labels)).toBeCloseTo(fitTemperature(logits, labels), 10);
  });

  it('finds it where Newton alone would run away', () => {
    const [logits, labels] = [
      [0, -0.01, 0, -1],
      [1, 0],
    ];
    const nll = (t: number): number =>
      negativeLogLikelihood(
        logits.map((x) => x / t),
        labels,
      );
    const temperature = fitTemperature(logits, labels);
    expect(nll(temperature)).toBeLessThan(Math.min(nll(temperature * 0.99), nll(temperature * 1.01)));
  });

  it('copes with one wrong sample that is all but tied', () => {
    expect(fitTemperature([100, 0, 0, 1e-3], [0, 0])).toBeGreaterThan(0);
  });

  it.each([
    ['all labels have the highest logit', [3, 1, 0, 2], [0, 1], 'every label has the highest logit'],
    ['one sample is right', [3, 1], [0], 'every label has the highest logit'],
    ['labels are tied for it', [3, 1, 2, 2], [0, 1], 'every label has the highest logit'],
    ['all are wrong', [3, 1, 0, 2], [1, 0], 'the labels have no higher logits than other classes on average'],
    ['half of them are right', [3, 1, 3, 1], [0, 1], 'the labels have no higher logits than other classes on average'],
    [
      'all classes fare alike',
      [4.5, 0.9, 6, 4.5, 0.9, 6, 4.5, 0.9, 6],
      [0, 1, 2],
      'the labels have no higher logits than other classes on average',
    ],
    ['all logits are equal', [5, 5, 5, 5], [0, 1], 'the labels have no higher logits than other classes on average'],
  ])('has no answer where %s', (_, logits, labels, message) => {
    const call = () => fitTemperature(logits, labels);
    expect(call).toThrow(`fitTemperature: ${message}`);
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_DATA' }));
  });

  it('refuses bad input', () => {
    expect(() => fitTemperature([], [])).toThrow('fitTemperature: got no labels');
    expect(() => fitTemperature([1, 2, 3], [0, 1])).toThrow('fitTemperature: 3 logits for 2 samples');
    expect(() => fitTemperature([1, 2], [2])).toThrow('fitTemperature: label 2 at index 0');
    expect(() => fitTemperature([1, -Infinity], [0])).toThrow(
      'fitTemperature: logit -Infinity at index 1 is not finite',
    );
  });
});
