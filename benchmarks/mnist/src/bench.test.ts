import { subset } from '@kd/data';
import { loadMnist } from '@kd/data/node';
import { describe, expect, it } from 'vitest';
import { openBackend } from './backend.ts';
import { NAMES } from './cases.ts';
import { measure } from './measure.ts';
import { createNetworks } from './networks.ts';
import { formatResult } from './report.ts';

const firstOf = Array.from({ length: 40 }, (_, i) => i);

describe('the MNIST benchmark', async () => {
  const { train, test } = await loadMnist();
  const result = await measure({
    backend: await openBackend('wasm'),
    networks: createNetworks(train.classNames),
    train: subset(train, firstOf),
    test: subset(test, firstOf),
    batchSize: 8,
    rounds: 2,
    stepsPerRound: 2,
  });
  const named = (name: string) => result.cases.find((each) => each.name === name)!;

  it('times every case, and takes every ratio', () => {
    expect(result.cases.map(({ name }) => name)).toEqual(Object.values(NAMES));
    const numbers = [
      ...result.cases.flatMap(({ medianMs, minMs, imagesPerSecond = 1 }) => [medianMs, minMs, imagesPerSecond]),
      ...result.ratios.flatMap(({ ratio, low, high }) => [ratio, low, high]),
    ];
    expect(result.ratios).toHaveLength(8);
    expect(numbers.filter((value) => !(value > 0 && value < Infinity))).toEqual([]);
  });

  it('asks the teacher in each step without the cache, and never with a warm one', () => {
    expect(named(NAMES.asked).shares!.teacher).toBeGreaterThan(0);
    expect(named(NAMES.cached).shares!.teacher).toBe(0);
  });

  it('finds the data and the optimiser in every training step', () => {
    for (const { shares } of result.cases) {
      if (!shares) continue;
      expect(shares.data).toBeGreaterThan(0);
      expect(shares.optimizer).toBeGreaterThan(0);
      expect(shares.data + shares.teacher + shares.optimizer).toBeLessThan(1);
    }
  });

  it('prints columns that end at one place', () => {
    const lines = formatResult(result).split('\n');
    expect(lines[0]).toBe('Batch 8');
    const [header, , ...rows] = lines.slice(2, 4 + result.cases.length);
    const imageColumn = header!.indexOf('images/s') + 'images/s'.length;
    for (const row of rows.filter((each) => !each.startsWith('Adam'))) {
      expect(row.slice(imageColumn - 1, imageColumn + 1)).toMatch(/^\d ?$/);
    }
  });
});
