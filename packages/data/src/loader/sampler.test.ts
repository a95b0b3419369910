import { permutation } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { epochOrder, type Sampler } from './sampler.ts';

/** 90 of class 0, 9 of class 1, 1 of class 2. */
const label = (index: number): number => (index < 90 ? 0 : index < 99 ? 1 : 2);
const orders = (sampler: Sampler, samples = 100, seed = 7): ((epoch: number) => Uint32Array) =>
  epochOrder(sampler, { samples, seed, label });
const sorted = (order: Uint32Array): number[] => [...order].sort((a, b) => a - b);
const all = Array.from({ length: 100 }, (_, i) => i);

describe('the order of an epoch', () => {
  it('is that of the dataset if sequential', () => {
    expect([...orders('sequential')(3)]).toEqual(all);
  });

  it('has every sample once if random, in the order of the seed and the epoch', () => {
    const random = orders('random');
    expect(sorted(random(3))).toEqual(all);
    expect(random(3)).toEqual(permutation(100, { seed: 7, stream: 'shuffle', epoch: 3 }));
    expect(random(4)).not.toEqual(random(3));
  });
});

describe('a class-balanced epoch', () => {
  it('has as many of each class, give or take one, whose turn changes', () => {
    const balanced = orders('class-balanced');
    const counts = Array.from({ length: 60 }, (_, epoch) => {
      const count = [0, 0, 0];
      for (const index of balanced(epoch)) count[label(index)]! += 1;
      return count;
    });
    for (const count of counts) expect([...count].sort()).toEqual([33, 33, 34]);
    expect(new Set(counts.map(String)).size).toBe(3);
  });

  it('shows the samples of a class equally often over the epochs', () => {
    const balanced = orders('class-balanced');
    const times = new Uint32Array(100);
    for (let epoch = 0; epoch < 30; epoch++) {
      for (const index of balanced(epoch)) times[index]! += 1;
    }
    const spread = (counts: Uint32Array): number => Math.max(...counts) - Math.min(...counts);
    expect(spread(times.subarray(0, 90))).toBeLessThanOrEqual(4); // 11 on average
    expect(spread(times.subarray(90, 99))).toBeLessThanOrEqual(10); // 111 on average
  });

  it('shows all of a large class over some epochs', () => {
    const balanced = orders('class-balanced');
    const seen = new Set(Array.from({ length: 4 }, (_, epoch) => [...balanced(epoch)]).flat());
    expect(seen.size).toBe(100);
  });

  it('replays, mixes the classes, and differs from epoch to epoch and seed to seed', () => {
    const balanced = orders('class-balanced');
    expect(balanced(2)).toEqual(balanced(2));
    expect(balanced(2)).not.toEqual(balanced(3));
    expect(balanced(2)).not.toEqual(orders('class-balanced', 100, 8)(2));
    expect(new Set([...balanced(2)].slice(0, 12).map(label)).size).toBe(3);
  });

  it('takes fewer samples than classes', () => {
    expect(orders('class-balanced', 1)(0)).toHaveLength(1);
  });

  it('needs labels', () => {
    const unlabelled = { samples: 3, seed: 0, label: (i: number) => (i === 1 ? undefined : 0) };
    expect(() => epochOrder('class-balanced', unlabelled)).toThrow(
      "dataLoader: sampler 'class-balanced' needs a label for every sample, sample 1 has none; use 'random'",
    );
  });
});
