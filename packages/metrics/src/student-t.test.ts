import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/sklearn.json' with { type: 'json' };
import { studentTQuantile } from './student-t.ts';

describe('studentTQuantile', () => {
  it.each(fixture.tQuantiles)('matches scipy.stats.t: $confidence, $degrees degrees', (one) => {
    // Rounding of about 1e-15 in the probability weighs more the smaller the tail.
    const tolerance = 1e-12 + 1e-15 / (1 - one.confidence);
    const ratio = studentTQuantile(one.confidence, one.degrees) / one.expected;
    expect(Math.abs(ratio - 1)).toBeLessThan(tolerance);
  });

  it('is the tangent for one degree', () => {
    expect(studentTQuantile(0.5, 1)).toBeCloseTo(1, 14);
    expect(studentTQuantile(0.9, 1)).toBeCloseTo(Math.tan(0.45 * Math.PI), 12);
  });

  it('nears the normal quantile for many', () => {
    expect(studentTQuantile(0.95, 1_000_000)).toBeCloseTo(1.959964, 5);
  });
});
