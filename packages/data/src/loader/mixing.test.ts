import { type Batch, randomSource } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { cutMix } from './cut-mix.ts';
import { type BatchTransform, betaShare } from './mixing.ts';
import { mixup } from './mixup.ts';
import { randomChoice } from './random-choice.ts';

const CLASSES = 4;

/** Sample i is one colour, 10 * (i + 1), and of class i % 4. */
function colours(count: number, [height, width]: [number, number] = [9, 13], float = false): Batch {
  const size = height * width * 3;
  const levels = Uint8Array.from({ length: count * size }, (_, i) => 10 * (Math.floor(i / size) + 1));
  return {
    ids: Uint32Array.from({ length: count }, (_, i) => i),
    images: { data: float ? Float32Array.from(levels) : levels, shape: [count, height, width, 3] },
    labels: Int32Array.from({ length: count }, (_, i) => i % CLASSES),
    views: new Uint32Array(count),
    source: 'colours',
  };
}

const apply = (transform: BatchTransform, batch: Batch, number: number): Batch =>
  transform.apply(batch, { seed: 3, epoch: 1, batch: number, classes: CLASSES });

describe('betaShare', () => {
  it.each([0.1, 0.2, 1, 3])('has the moments of Beta(%d, %d)', (concentration) => {
    const count = 20_000;
    const random = randomSource({ seed: 1, stream: 'beta' });
    const shares = Array.from({ length: count }, () => betaShare(random, concentration));
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    const moment = (power: number): number => shares.reduce((sum, share) => sum + (share - 0.5) ** power, 0) / count;
    // Central moments of a symmetric Beta; five standard errors.
    const variance = 1 / (4 * (2 * concentration + 1));
    const fourth = 3 / (16 * (2 * concentration + 1) * (2 * concentration + 3));
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(variance / count));
    expect(Math.abs(moment(2) - variance)).toBeLessThan(5 * Math.sqrt((fourth - variance ** 2) / count));
    expect(Math.abs(moment(4) - fourth)).toBeLessThan(5 * Math.sqrt(0.5 ** 8 / count));
  });
});

describe('mixup', () => {
  it.each([false, true])('mixes images and labels by the same share with the sample before: float32 %s', (float) => {
    const batch = colours(5, [2, 2], float);
    const before = structuredClone(batch);
    const shares = Array.from({ length: 20 }, (_, number) => {
      const { images, targets } = apply(mixup({ concentration: 1 }), batch, number);
      const share = targets![1 * CLASSES + 1]!;
      for (let row = 0; row < 5; row++) {
        const partner = (row + 4) % 5;
        const expectedTargets = new Float32Array(CLASSES);
        expectedTargets[row % CLASSES]! += share;
        expectedTargets[partner % CLASSES]! += 1 - share;
        targets!.slice(row * CLASSES, (row + 1) * CLASSES).forEach((value, label) => {
          expect(value).toBeCloseTo(expectedTargets[label]!, 6);
        });
        for (const pixel of images.data.slice(row * 12, (row + 1) * 12)) {
          const expected = 10 * (share * (row + 1) + (1 - share) * (partner + 1));
          expect(Math.abs(pixel - expected)).toBeLessThanOrEqual(float ? 1e-4 : 0.501);
        }
      }
      return share;
    });
    expect(new Set(shares).size).toBe(20);
    expect(batch).toEqual(before);
  });
});

describe('cutMix', () => {
  it('pastes one box, and counts the labels by its area', () => {
    const batch = colours(3);
    const areas = Array.from({ length: 200 }, (_, number) => {
      const { images, targets } = apply(cutMix(), batch, number);
      const pasted = Array.from({ length: 3 }, (_, row) => {
        const partner = 10 * (((row + 2) % 3) + 1);
        return Array.from({ length: 9 * 13 }, (_, place) => {
          const pixel = images.data.slice((row * 9 * 13 + place) * 3, (row * 9 * 13 + place) * 3 + 3);
          expect(new Set(pixel).size).toBe(1);
          expect([10 * (row + 1), partner]).toContain(pixel[0]);
          return pixel[0] === partner;
        });
      });
      expect(pasted[1]).toEqual(pasted[0]);
      expect(pasted[2]).toEqual(pasted[0]);
      const places = pasted[0]!.flatMap((inside, place) => (inside ? [place] : []));
      const [ys, xs] = [places.map((place) => Math.floor(place / 13)), places.map((place) => place % 13)];
      const box = (Math.max(...ys) - Math.min(...ys) + 1) * (Math.max(...xs) - Math.min(...xs) + 1);
      if (places.length > 0) expect(places.length).toBe(box);
      expect(targets![0]).toBeCloseTo(1 - places.length / (9 * 13), 6);
      expect(targets![2]).toBeCloseTo(places.length / (9 * 13), 6);
      return places.length;
    });
    expect(new Set(areas).size).toBeGreaterThan(20);
  });
});

describe.each([
  ['mixup', mixup()],
  ['cutMix', cutMix()],
  ['randomChoice', randomChoice([mixup(), cutMix()])],
])('%s', (_, transform) => {
  it('replays, and differs from batch to batch', () => {
    const batches = [0, 0, 1, 2, 3].map((number) => apply(transform, colours(4), number));
    expect(batches[1]).toEqual(batches[0]);
    expect(new Set(batches.map(({ targets }) => String(targets))).size).toBeGreaterThan(2);
  });

  it('leaves nothing that a cache could take for the samples themselves', () => {
    const mixed = apply(transform, { ...colours(4), normalization: { mean: [0, 0, 0], std: [1, 1, 1] } }, 0);
    expect(Object.keys(mixed).sort()).toEqual(['fresh', 'ids', 'images', 'normalization', 'targets']);
    const { labels: _labels, ...unlabelled } = colours(4);
    expect(Object.keys(apply(transform, unlabelled, 0)).sort()).toEqual(['fresh', 'ids', 'images']);
  });

  it('has targets that add up to 1', () => {
    const { targets } = apply(transform, colours(7), 5);
    for (let row = 0; row < 7; row++) {
      const sum = targets!.slice(row * CLASSES, (row + 1) * CLASSES).reduce((total, share) => total + share, 0);
      expect(sum).toBeCloseTo(1, 6);
    }
  });
});

it('chooses each transform as often', () => {
  const named = ['a', 'b'].map((type) => ({ config: { type }, apply: (batch: Batch) => ({ ...batch, source: type }) }));
  const chosen = Array.from({ length: 1000 }, (_, n) => apply(randomChoice(named), colours(1), n).source);
  const count = chosen.filter((type) => type === 'a').length;
  expect(Math.abs(count - 500)).toBeLessThan(53); // p = .001
});

it.each([
  [() => mixup({ concentration: 0 }), 'mixup: concentration must be > 0, got'],
  [() => cutMix({ concentration: Number.NaN }), 'cutMix: concentration must be > 0, got'],
  [() => randomChoice([]), 'randomChoice: there are no transforms to choose from'],
])('refuses what makes no sense', (make, message) => {
  expect(make).toThrow(message);
});
