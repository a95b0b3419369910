import { randomSource } from '@kd/core';
import { crossedTTest, pairedBootstrap } from '@kd/metrics';
import { describe, expect, it } from 'vitest';
import type { Cell } from './arm.ts';
import { compareArms } from './compare-arms.ts';
import { formatP, formatter } from './metric.ts';
import { testPair } from './pair-test.ts';
import { tellPair } from './tell.ts';
import { csvTable, markdownTable } from './text-table.ts';

const metric = { name: 'eval_accuracy', mode: 'max' } as const;

/** Networks that answer right with the given chance, more or less with the seed. */
function cells(arm: string, chance: number, seeds: number, images: number, experiment: number): Cell[] {
  return Array.from({ length: seeds }, (_, seed) => {
    const random = randomSource({ seed: experiment, stream: arm, id: seed });
    const own = chance + 0.01 * random.normal();
    const hits = Uint8Array.from({ length: images }, () => (random.uniform() < own ? 1 : 0));
    const accuracy = hits.reduce((sum, hit) => sum + hit, 0) / images;
    const rest = { settings: {}, samples: 'same', seconds: 1, peakMemory: 1, cores: 1 };
    return { arm, seed, metrics: { eval_accuracy: accuracy }, hits, ...rest };
  });
}

describe('compareArms', () => {
  it('finds a winner among equals in at most one of twenty experiments, with three arms against the baseline', () => {
    const names = ['base', 'a', 'b', 'c'];
    const experiments = 300;
    let claims = 0;
    for (let experiment = 0; experiment < experiments; experiment++) {
      const all = names.flatMap((arm) => cells(arm, 0.8, 3, 200, experiment));
      const rows = compareArms('compare', names, all, { baseline: 'base', metric });
      if (rows.some(({ test }) => test && test.verdict !== 'undecided')) claims += 1;
    }
    expect(claims / experiments).toBeLessThanOrEqual(0.05);
  });

  it('finds a difference as large as the one that it calls detectable, mostly', () => {
    const testOf = (gain: number, experiment: number) => {
      const all = [...cells('a', 0.8, 5, 400, experiment), ...cells('b', 0.8 + gain, 5, 400, experiment)];
      return compareArms('compare', ['a', 'b'], all, { baseline: 'a', metric })[1]!.test!;
    };
    const experiments = 200;
    let [detectable, found] = [0, 0]; // one experiment's own guess depends on how much its few seeds differ
    for (let i = 0; i < experiments; i++) detectable += testOf(0, i).detectable / experiments;
    for (let i = 0; i < experiments; i++) found += testOf(detectable, i).verdict === 'better' ? 1 : 0;
    expect(detectable).toBeLessThan(0.12);
    expect(found / experiments).toBeGreaterThan(0.7);
  });

  it('pairs by seed, whatever the order', () => {
    const [a, b] = [cells('a', 0.7, 4, 100, 1), cells('b', 0.9, 4, 100, 1)];
    const options = { baseline: 'a', metric };
    const straight = compareArms('compare', ['a', 'b'], [...a, ...b], options);
    expect(compareArms('compare', ['a', 'b'], [...b, ...a].reverse(), options)).toEqual(straight);
    expect(straight[1]!.test!.pValue).toBe(
      crossedTTest(
        b.map((c) => c.hits!),
        a.map((c) => c.hits!),
      ).pValue,
    );
  });

  it('leaves a place for arms without runs', () => {
    const rows = compareArms('compare', ['a', 'b'], cells('a', 0.7, 2, 50, 1), { baseline: 'a', metric });
    expect(rows[1]).toMatchObject({ seeds: [], mean: Number.NaN, test: { over: 'none', verdict: 'undecided' } });
    expect(tellPair(rows[1]!, 'a', metric)).toBe('b and a have no seed in common: nothing can be said.');
  });
});

describe('testPair', () => {
  it('of one run each agrees with the bootstrap over its images', () => {
    const [[a], [b]] = [cells('a', 0.9, 1, 400, 3), cells('b', 0.8, 1, 400, 3)];
    const scored = ({ seed, hits, metrics }: Cell) => ({ seed, hits: hits!, value: metrics.eval_accuracy! });
    const test = testPair([scored(a!)], [scored(b!)], true);
    const bootstrap = pairedBootstrap(a!.hits!, b!.hits!, { resamples: 2000 });
    expect(test.difference).toBeCloseTo(bootstrap.difference, 12);
    expect(test.low).toBeCloseTo(bootstrap.low, 2);
    expect(test.high).toBeCloseTo(bootstrap.high, 2);
  });
});

describe('how figures are written', () => {
  it('shares in per cent, all else with four digits', () => {
    const [share, loss] = [formatter(metric), formatter({ name: 'eval_loss', mode: 'min' })];
    expect([share.value(0.92611), share.difference(-0.0062), share.unit]).toEqual(['92.61%', '−0.62', ' points']);
    expect([loss.value(0.0123456), loss.difference(0.25), loss.unit]).toEqual(['0.01235', '+0.25', '']);
    expect([formatP(0.0004), formatP(0.0123), formatP(1)]).toEqual(['p < .001', 'p = .012', 'p = 1.000']);
  });

  it('tables that other programs read', () => {
    expect(
      csvTable(
        ['a', 'b'],
        [
          ['x, "y"', Number.NaN],
          ['z', 0.1],
        ],
      ),
    ).toBe('a,b\n"x, ""y""",\nz,0.1\n');
    expect(markdownTable(['a', 'b'], [['x|y', '1']])).toBe('| a    | b   |\n| ---- | --- |\n| x\\|y | 1   |');
  });
});
