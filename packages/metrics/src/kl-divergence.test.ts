import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { klDivergence } from './kl-divergence.ts';

const probabilities = { scoresAre: 'probabilities' } as const;

// 1000 random cases against SciPy: random-cases.test.ts.
describe('klDivergence', () => {
  it('has the teacher in front', () => {
    const expected = 0.5 * Math.log(0.5 / 0.75) + 0.5 * Math.log(0.5 / 0.25);
    expect(klDivergence([0.75, 0.25], [0.5, 0.5], 1, probabilities)).toBeCloseTo(expected, 15);
  });

  it('keeps its digits for close distributions', () => {
    // To second order it is d^2 / 8 for two logits that differ by d.
    expect(klDivergence([1e-7, 0], [0, 0], 1) / (1e-14 / 8)).toBeCloseTo(1, 6);
  });

  it('is 0 for oneself and a shift, and never negative', () => {
    const logit = fc.double({ noNaN: true, min: -1e4, max: 1e4 });
    const rows = fc.array(fc.tuple(logit, logit), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(rows, fc.double({ noNaN: true, min: 0.01, max: 100 }), (pairs, temperature) => {
        const student = pairs.map(([s]) => s);
        const teacher = pairs.map(([, t]) => t);
        const value = klDivergence(student, teacher, 1, { temperature });
        expect(value >= 0 && Number.isFinite(value)).toBe(true);
        expect(klDivergence(student, student, 1, { temperature })).toBe(0);
      }),
    );
    expect(klDivergence([1, 2, 4], [65, 66, 68], 1)).toBe(0);
  });

  it('softens probabilities as their logarithms', () => {
    const p = [0.5, 0.25, 0.25];
    const q = [0.125, 0.75, 0.125];
    const options = { temperature: 3 };
    expect(klDivergence(q, p, 1, { ...options, ...probabilities })).toBeCloseTo(
      klDivergence(q.map(Math.log), p.map(Math.log), 1, options),
      14,
    );
  });

  it('is infinite where the student rules out what the teacher does not, not the other way round', () => {
    expect(klDivergence([1, 0], [0.5, 0.5], 1, probabilities)).toBe(Infinity);
    expect(klDivergence([0.5, 0.5], [1, 0], 1, probabilities)).toBeCloseTo(Math.LN2, 15);
    expect(klDivergence([1, 0], [1, 0], 1, probabilities)).toBe(0);
    expect(klDivergence([0, -Infinity], [0, 0], 1)).toBe(Infinity);
  });

  it('takes logits of any size', () => {
    expect(klDivergence([1e4, -1e4], [-1e4, 1e4], 1)).toBe(2e4);
    expect(klDivergence([0, 0], [0, -740], 1)).toBeCloseTo(Math.LN2, 14); // exp(-740) is subnormal
    expect(klDivergence(Float32Array.of(0, 1e4), Float32Array.of(1e4, 1e4), 1) / (5000 - Math.LN2)).toBeCloseTo(1, 12);
  });

  it.each([0, -1, Infinity, Number.NaN])('refuses a temperature of %d', (temperature) => {
    expect(() => klDivergence([1, 2], [1, 2], 1, { temperature })).toThrow(
      `klDivergence: temperature must be finite and > 0, got ${temperature}`,
    );
  });

  it('says whose scores are bad', () => {
    expect(() => klDivergence([1, 2], [1, 2, 3], 1)).toThrow(
      'klDivergence: the student scores 2 classes, the teacher 3',
    );
    expect(() => klDivergence([0.5, 0.5], [2, -1], 1, probabilities)).toThrow(
      'klDivergence: the teacher score of sample 0 for class 0 is 2, not a probability',
    );
    expect(() => klDivergence([Infinity, 0], [2, 1], 1)).toThrow(
      'klDivergence: the largest student score of sample 0 is Infinity',
    );
  });
});
