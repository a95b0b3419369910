import { describe, expect, it } from 'vitest';
import { epochTicks, logTicks, niceTicks } from './axis.ts';

/** Digits before trailing zeros: 1 of 2000, 2 of 0.25. */
function significantDigits(value: number): number {
  return value.toExponential().split('e')[0]!.replace(/[-.]/g, '').replace(/0+$/, '').length;
}

/** The same "random" numbers in every run. */
function* numbers(count: number): Generator<number> {
  let state = 7;
  for (let i = 0; i < count; i++) {
    state = (state * 48_271) % 0x7fffffff;
    yield state / 0x7fffffff;
  }
}

function ranges(): [number, number][] {
  const random = [...numbers(900)];
  return random.slice(0, 300).map((start, i) => {
    const low = (start - 0.3) * 10 ** Math.round(random[i + 300]! * 12 - 6);
    return [low, low + Math.abs(low) * 10 ** (random[i + 600]! * 6 - 3)];
  });
}

function expectCovered(ticks: readonly number[], min: number, max: number): void {
  const slack = (max - min) * 1e-6;
  expect(ticks.length, `${min} to ${max}: ${ticks}`).toBeGreaterThanOrEqual(3);
  expect(ticks.length, `${min} to ${max}: ${ticks}`).toBeLessThanOrEqual(8);
  expect(ticks[0]).toBeLessThanOrEqual(min + slack);
  expect(ticks.at(-1)).toBeGreaterThanOrEqual(max - slack);
  expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
}

describe('niceTicks', () => {
  it('are 3 to 8 and cover the data, for any range', () => {
    for (const [min, max] of ranges()) expectCovered(niceTicks(min, max), min, max);
  });

  it('stand at equal, round steps', () => {
    for (const [min, max] of ranges()) {
      const ticks = niceTicks(min, max);
      const step = ticks[1]! - ticks[0]!;
      for (const [i, tick] of ticks.entries()) expect(tick).toBeCloseTo(ticks[0]! + i * step, -Math.log10(step) + 6);
      expect(significantDigits(Number(step.toPrecision(6)))).toBeLessThanOrEqual(2);
    }
  });

  it.each([
    [0.9855, 0.998, [0.985, 0.99, 0.995, 1]],
    [0, 2_395_210, [0, 1e6, 2e6, 3e6]],
    [0.1, 0.3, [0.1, 0.15, 0.2, 0.25, 0.3]],
  ])('from %d to %d', (min, max, ticks) => {
    expect(niceTicks(min, max)).toEqual(ticks);
  });

  it.each([0, 1, -3, 0.98, 1e-9])('make room around the single value %d', (value) => {
    const ticks = niceTicks(value, value);
    expectCovered(ticks, value, value);
    expect(ticks[0]).toBeLessThan(value);
    expect(ticks.at(-1)).toBeGreaterThan(value);
  });
});

describe('logTicks', () => {
  const positive = ranges()
    .filter(([min]) => min > 0)
    .flatMap(([min, max]): [number, number][] => [
      [min, max],
      [min, max * 1e4],
      [min, min * 1e11],
    ]);

  it('are 3 to 8, cover the data and are above 0', () => {
    for (const [min, max] of positive) {
      const ticks = logTicks(min, max);
      expectCovered(ticks, min, max);
      expect(ticks[0]).toBeGreaterThan(0);
    }
  });

  it('are powers of ten, or 1, 2 and 5 of them, unless the range is narrow', () => {
    for (const [min, max] of positive.filter(([low, high]) => high / low >= 3)) {
      for (const tick of logTicks(min, max)) expect(`${tick.toExponential()}`).toMatch(/^[125]e/);
    }
  });

  it('make room around a single value', () => {
    expect(logTicks(1e-3, 1e-3)).toEqual([5e-4, 1e-3, 2e-3]);
  });
});

describe('epochTicks', () => {
  it.each([
    [0, [1]],
    [1, [1]],
    [4, [1, 2, 3, 4]],
    [30, [1, 10, 20, 30]],
    [100, [1, 25, 50, 75, 100]],
  ])('of %d epochs', (epochs, ticks) => {
    expect(epochTicks(epochs)).toEqual(ticks);
  });

  it('are whole epochs that were trained, starting with the first', () => {
    for (let epochs = 1; epochs <= 300; epochs++) {
      const ticks = epochTicks(epochs);
      expect(ticks[0]).toBe(1);
      expect(ticks.every((tick) => Number.isInteger(tick) && tick <= epochs)).toBe(true);
      expect(ticks.length).toBeLessThanOrEqual(9);
      if (epochs > 1) expect(ticks.length, `${epochs}: ${ticks}`).toBeGreaterThanOrEqual(2);
    }
  });
});
