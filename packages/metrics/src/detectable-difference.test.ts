import { describe, expect, it } from 'vitest';
import { detectableDifference } from './detectable-difference.ts';

/** Exact power of McNemar's asymptotic test, summed over all tables: only A, only B, the rest. */
function exactPower(samples: number, disagreement: number, difference: number): number {
  const [a, b] = [(disagreement + difference) / 2, (disagreement - difference) / 2];
  const logFactorials = [0];
  for (let i = 1; i <= samples; i++) logFactorials.push(logFactorials[i - 1]! + Math.log(i));
  const times = (count: number, share: number): number => (count === 0 ? 0 : count * Math.log(share));
  let power = 0;
  for (let onlyA = 0; onlyA <= samples; onlyA++) {
    for (let onlyB = 0; onlyA + onlyB <= samples; onlyB++) {
      if (!((onlyA - onlyB) ** 2 > 3.841459 * (onlyA + onlyB))) continue;
      const rest = samples - onlyA - onlyB;
      const ways = logFactorials[samples]! - logFactorials[onlyA]! - logFactorials[onlyB]! - logFactorials[rest]!;
      power += Math.exp(ways + times(onlyA, a) + times(onlyB, b) + times(rest, 1 - disagreement));
    }
  }
  return power;
}

describe('detectableDifference', () => {
  it.each([
    [128, 0.25],
    [128, 0.5],
    [300, 0.1],
    [600, 0.05],
  ])('is found in four of five experiments: %d samples, %d apart', (samples, disagreement) => {
    const difference = detectableDifference({ samples, disagreement });
    expect(exactPower(samples, disagreement, difference)).toBeGreaterThan(0.77);
    expect(exactPower(samples, disagreement, difference)).toBeLessThan(0.84);
  });

  it('shrinks with more samples, and grows with disagreement and power', () => {
    const base = detectableDifference({ samples: 1000, disagreement: 0.1 });
    expect(detectableDifference({ samples: 4000, disagreement: 0.1 })).toBeCloseTo(base / 2, 2);
    expect(detectableDifference({ samples: 1000, disagreement: 0.2 })).toBeGreaterThan(base);
    expect(detectableDifference({ samples: 1000, disagreement: 0.1, power: 0.95 })).toBeGreaterThan(base);
    expect(detectableDifference({ samples: 1000, disagreement: 0.1, significance: 0.01 })).toBeGreaterThan(base);
  });

  it('is above 0 for models that never disagreed, and infinite where nothing can be found', () => {
    expect(detectableDifference({ samples: 100, disagreement: 0 })).toBeGreaterThan(3 / 100);
    expect(detectableDifference({ samples: 2, disagreement: 0.5 })).toBe(Infinity);
  });

  it.each([
    [{ samples: 0, disagreement: 0.1 }, 'samples must be an integer >= 1, got 0'],
    [{ samples: 10, disagreement: 10 }, 'disagreement must be in [0, 1], got 10'],
    [{ samples: 10, disagreement: 0.1, power: 80 }, 'power must be in (0.5, 1), got 80'],
    [{ samples: 10, disagreement: 0.1, significance: 5 }, 'significance must be in (0, 0.5), got 5'],
  ])('refuses %o', (options, message) => {
    expect(() => detectableDifference(options)).toThrow(`detectableDifference: ${message}`);
  });
});
