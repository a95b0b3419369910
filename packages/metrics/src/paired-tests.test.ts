import { randomSource } from '@kd/core';
import { describe, expect, it } from 'vitest';
import fixture from '../fixtures/paired.json' with { type: 'json' };
import { crossedTTest } from './crossed-t-test.ts';
import { pairedBootstrap } from './paired-bootstrap.ts';
import { pairedTTest } from './paired-t-test.ts';

describe('pairedTTest', () => {
  it.each(fixture.pairedT)('matches scipy.stats.ttest_rel: $a.length pairs at $confidence', (one) => {
    const result = pairedTTest(one.a, one.b, { confidence: one.confidence });
    expect(result.degrees).toBe(one.degrees);
    expect(result.difference / result.standardError).toBeCloseTo(one.t, 9);
    for (const key of ['difference', 'low', 'high', 'pValue'] as const) expect(result[key]).toBeCloseTo(one[key], 11);
  });

  it('is below .05 just where the interval leaves out 0', () => {
    for (const { a, b } of fixture.pairedT) {
      const { low, high, pValue } = pairedTTest(a, b);
      expect(pValue < 0.05).toBe(low > 0 || high < 0);
    }
  });

  it('changes its sign with the order of the two', () => {
    const { a, b } = fixture.pairedT[4]!;
    const [there, back] = [pairedTTest(a, b), pairedTTest(b, a)];
    expect(back).toEqual({ ...there, difference: -there.difference, low: -there.high, high: -there.low });
  });

  it('has no doubt where nothing varies', () => {
    expect(pairedTTest([1, 1], [1, 1])).toMatchObject({ difference: 0, pValue: 1, low: 0, high: 0 });
    expect(pairedTTest([2, 3], [1, 2]).pValue).toBe(0);
  });

  it('names a difference that four of five experiments find', () => {
    const spread = 0.01;
    const n = 6;
    let found = 0;
    const experiments = 2000;
    const { detectable } = expected(spread, n);
    for (let i = 0; i < experiments; i++) {
      const random = randomSource({ seed: i, stream: 'power' });
      const differences = Array.from({ length: n }, () => detectable + spread * random.normal());
      if (pairedTTest(differences, new Float64Array(n)).pValue < 0.05) found += 1;
    }
    expect(found / experiments).toBeGreaterThan(0.76);
    expect(found / experiments).toBeLessThan(0.9);
  });

  /** A test whose standard deviation is just `spread`. */
  function expected(spread: number, n: number) {
    const scale = Math.sqrt((n - 1) / n);
    return pairedTTest(
      Array.from({ length: n }, (_, i) => (i % 2 ? spread : -spread) * scale),
      new Float64Array(n),
    );
  }

  it('refuses what it cannot pair', () => {
    expect(() => pairedTTest([1], [1])).toThrow('pairedTTest: got 1 value of each, which says nothing about spread');
    expect(() => pairedTTest([1, 2], [1])).toThrow('pairedTTest: valuesA has 2 values, valuesB has 1');
    expect(() => pairedTTest([1, Number.NaN], [1, 2])).toThrow('pairedTTest: value of A NaN at index 1 is not finite');
    expect(() => pairedTTest([1, 2], [1, 2], { confidence: 95 })).toThrow('confidence must be in (0, 1), got 95');
  });
});

describe('crossedTTest', () => {
  it.each(fixture.crossed)("matches Clark's min F' from scipy: $a.length runs", (one) => {
    const result = crossedTTest(one.a, one.b);
    expect(result.degrees).toBe(Math.floor(one.exactDegrees));
    expect((result.difference / result.standardError) ** 2).toBeCloseTo(one.minF, 9);
    expect(result.pValue).toBeCloseTo(one.pValue, 11);
    expect(result.difference).toBeCloseTo(one.difference, 12);
    expect(result.high - result.difference).toBeCloseTo(one.reach, 11);
  });

  it('is the test over samples where all seeds give the same, and over seeds where all samples do', () => {
    const row = [1, 0, 1, 1, 0, 1, 1, 1];
    const other = [0, 0, 1, 0, 0, 1, 1, 0];
    const samples = crossedTTest([row, row, row], [other, other, other]);
    expect(samples.standardErrorOfRuns).toBe(0);
    expect(samples.pValue).toBeCloseTo(pairedTTest(row, other).pValue, 12);
    const gains = [0.1, 0.2, 0.15];
    const runs = crossedTTest(
      gains.map((gain) => new Array(50).fill(gain)),
      gains.map(() => new Array(50).fill(0)),
    );
    expect(runs.pValue).toBeCloseTo(pairedTTest(gains, [0, 0, 0]).pValue, 12);
  });

  it('claims too much in at most 5 of 100 experiments in which there is nothing to find', () => {
    // Methods that are equal on average, but differ with the seed and from sample to sample.
    const wrong = { crossed: 0, samplesAlone: 0, runsAlone: 0 };
    const experiments = 600;
    for (let i = 0; i < experiments; i++) {
      const random = randomSource({ seed: i, stream: 'null' });
      const ofSample = Float64Array.from({ length: 60 }, () => 0.5 * random.normal());
      const a = Array.from({ length: 4 }, () => {
        const ofRun = 0.1 * random.normal();
        return ofSample.map((value) => value + ofRun + 0.5 * random.normal());
      });
      const b = a.map((row) => new Float64Array(row.length));
      if (crossedTTest(a, b).pValue < 0.05) wrong.crossed += 1;
      const mean = ofSample.map((_, s) => a.reduce((sum, row) => sum + row[s]!, 0) / a.length);
      if (pairedTTest(mean, b[0]!).pValue < 0.05) wrong.samplesAlone += 1;
      const means = a.map((row) => row.reduce((sum, value) => sum + value, 0) / row.length);
      if (pairedTTest(means, [0, 0, 0, 0]).pValue < 0.05) wrong.runsAlone += 1;
    }
    expect(wrong.crossed / experiments).toBeLessThan(0.06);
    // What it is there for: either of the simple tests claims far more.
    expect(wrong.samplesAlone / experiments).toBeGreaterThan(0.08);
    expect(wrong.runsAlone / experiments).toBeGreaterThan(0.08);
  });

  it('has about the interval of a bootstrap over samples where there are many seeds that agree', () => {
    const { a, b } = fixture.crossed[3]!;
    const mean = (rows: number[][]) =>
      rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
    const crossed = crossedTTest(a, b);
    const bootstrapped = pairedBootstrap(mean(a), mean(b), { resamples: 2000 });
    expect(crossed.standardErrorOfSamples / bootstrapped.standardError).toBeCloseTo(1, 1);
  });

  it('refuses what is not crossed', () => {
    expect(() => crossedTTest([[1, 0]], [[1, 0]])).toThrow('crossedTTest: got 1 runs on 2 samples; pass two or more');
    expect(() =>
      crossedTTest(
        [[1, 0], [1]],
        [
          [1, 0],
          [1, 0],
        ],
      ),
    ).toThrow('valuesA[0] has 2 values, valuesA[1] has 1');
    expect(() =>
      crossedTTest(
        [
          [1, 0],
          [1, 1],
        ],
        [[1, 0]],
      ),
    ).toThrow('crossedTTest: valuesA has 2 values, valuesB has 1');
    expect(() =>
      crossedTTest(
        [
          [1, 0],
          [1, Number.NaN],
        ],
        [
          [1, 0],
          [1, 0],
        ],
      ),
    ).toThrow('value of valuesA[1] NaN at index 1');
  });
});
