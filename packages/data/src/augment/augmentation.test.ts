import { randomSource } from '@kd/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AugmentationStep, applyAugmentation, augmentation } from './augmentation.ts';
import type { Uint8Image } from './pixels/uint8-image.ts';

/** An image of noise, so that any change of place or level shows. */
function noiseImage(height: number, width: number, channels: number, id = 0): { data: Uint8Array; shape: number[] } {
  const random = randomSource({ seed: 5, stream: 'image', id });
  return {
    data: Uint8Array.from({ length: height * width * channels }, () => random.below(256)),
    shape: [height, width, channels],
  };
}

/** Each pixel is its own place: 0 … 255, in rows of 16. */
const places = { data: Uint8Array.from({ length: 256 }, (_, i) => i), shape: [16, 16, 1] };

/** What the pipeline of one step makes of an image, for many ids. */
function draws(step: AugmentationStep, count: number, image: Uint8Image = places): Uint8Array[] {
  const augment = augmentation([step]);
  return Array.from(
    { length: count },
    (_, id) => applyAugmentation(augment, image, { seed: 3, epoch: 1, id }).data as Uint8Array,
  );
}

/** Pearson's statistic of counts against chances, equal if not given. */
function chiSquared(counts: readonly number[], chances = counts.map(() => 1 / counts.length)): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, i) => sum + (count - total * chances[i]!) ** 2 / (total * chances[i]!), 0);
}

function histogram(values: readonly number[], bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[value]! += 1;
  return counts;
}

const ALL: readonly AugmentationStep[] = [
  { type: 'randomResizedCrop', size: [9, 7] },
  { type: 'resizeCrop', shortestEdge: 12, size: 10, place: 'random' },
  { type: 'horizontalFlip' },
  { type: 'verticalFlip' },
  { type: 'colorJitter', brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
  { type: 'randAugment' },
  { type: 'randomErasing', fill: 'noise' },
  { type: 'jitter', pixels: 2 },
];

describe('augmentation', () => {
  it('is a function of seed, epoch and id, and replays from its JSON', () => {
    const augment = augmentation(ALL);
    const replayed = augmentation(JSON.parse(JSON.stringify(augment.config)).steps);
    expect(replayed.config).toEqual(augment.config);
    const image = noiseImage(20, 15, 3);
    const base = { seed: 3, epoch: 1, id: 'leaf.jpg' };
    const pixels = applyAugmentation(augment, image, base);
    expect(pixels.shape).toEqual([10, 10, 3]);
    expect(applyAugmentation(replayed, image, base)).toEqual(pixels);
    for (const change of [{ seed: 4 }, { epoch: 2 }, { id: 'leaf-2.jpg' }]) {
      expect(applyAugmentation(augment, image, { ...base, ...change })).not.toEqual(pixels);
    }
  });

  it.each(ALL)('never writes to its image: $type', (step) => {
    const image = noiseImage(20, 15, 3);
    const before = image.data.slice();
    for (let id = 0; id < 50; id++) applyAugmentation(augmentation([step]), image, { seed: 1, epoch: 0, id });
    expect(image.data).toEqual(before);
  });

  it('says the shape of what it makes, for images of any size', () => {
    const size = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.constantFrom(1, 3),
        fc.subarray([...ALL]),
        fc.nat(999),
        (h, w, channels, steps, id) => {
          const augment = augmentation(steps);
          const made = applyAugmentation(augment, noiseImage(h, w, channels), { seed: 1, epoch: 0, id });
          expect(made.shape).toEqual(augment.outputShape([h, w, channels]));
          expect(made.data.length).toBe(made.shape.reduce((product, n) => product * n, 1));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('shows k views in turn, the same pixels for the same view', () => {
    const augment = augmentation(ALL, { views: 4 });
    const image = noiseImage(12, 12, 3);
    const seen = new Map<number, string>();
    const views = Array.from({ length: 12 }, (_, epoch) => augment.view({ seed: 9, epoch, id: 3 }));
    expect(views).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    expect([augment.viewCount, augmentation(ALL).viewCount]).toEqual([4, Infinity]);
    for (const [epoch, view] of views.entries()) {
      const pixels = String(applyAugmentation(augment, image, { seed: 9, epoch, id: 3 }).data);
      expect(seen.get(view) ?? pixels).toBe(pixels);
      seen.set(view, pixels);
    }
    expect(new Set(seen.values()).size).toBe(4);
  });

  it('takes decoded images only where it starts with a crop of its own', () => {
    expect(augmentation([ALL[0]!, ALL[2]!]).takesAnySize).toBe(true);
    expect(augmentation([ALL[2]!, ALL[0]!]).takesAnySize).toBe(false);
    expect(augmentation([]).takesAnySize).toBe(false);
  });
});

describe('the draws of', () => {
  it('a flip are heads or tails', () => {
    const flipped = draws({ type: 'horizontalFlip', probability: 0.3 }, 4000).filter((data) => data[0] === 15).length;
    expect(chiSquared([flipped, 4000 - flipped], [0.3, 0.7])).toBeLessThan(10.8); // p = .001, 1 degree of freedom
    expect(draws({ type: 'verticalFlip' }, 200).map((data) => data[0])).toContain(240);
  });

  it('a jitter are even over all places', () => {
    const corners = draws({ type: 'jitter', pixels: 2 }, 5000).map((data) => data[5 * 16 + 5]! - (3 * 16 + 3));
    const places = corners.map((corner) => Math.floor(corner / 16) * 5 + (corner % 16));
    expect(chiSquared(histogram(places, 25))).toBeLessThan(51.2); // p = .001, 24 degrees of freedom
  });

  it('a random crop are even over all places, and keep to scale and ratio', () => {
    const whole = { type: 'randomResizedCrop', size: 8, resample: 'nearest' } as const;
    const corners = draws({ ...whole, scale: [0.25, 0.25], ratio: [1, 1] }, 8100).map((data) => data[0]!);
    const places = corners.map((corner) => Math.floor(corner / 16) * 9 + (corner % 16));
    expect(chiSquared(histogram(places, 81))).toBeLessThan(124.9); // p = .001, 80 degrees of freedom
    // Size and ratio from the pixels that are furthest apart.
    const sizes = draws({ ...whole, size: 64 }, 500).map((data) => {
      const [first, last] = [data[0]!, data.at(-1)!];
      return [Math.floor(last / 16) - Math.floor(first / 16) + 1, (last % 16) - (first % 16) + 1] as const;
    });
    for (const [height, width] of sizes) {
      expect(height * width).toBeGreaterThanOrEqual(0.08 * 256 - height - width);
      expect(width / height).toBeGreaterThan((3 / 4) * 0.75);
      expect(width / height).toBeLessThan((4 / 3) * 1.34);
    }
    expect(new Set(sizes.map(String)).size).toBeGreaterThan(30);
  });

  it('a colour jitter spread evenly over the factors', () => {
    const white = { data: new Uint8Array(3).fill(100), shape: [1, 1, 3] };
    const levels = draws({ type: 'colorJitter', brightness: 0.5 }, 5000, white).map(([level]) => level!);
    expect([Math.min(...levels), Math.max(...levels)]).toEqual([50, 149]);
    expect(
      chiSquared(
        histogram(
          levels.map((level) => Math.floor((level - 50) / 10)),
          10,
        ),
      ),
    ).toBeLessThan(27.9); // 9 degrees
  });

  it('an erasing keep to its probability, area and ratio', () => {
    const ones = { data: new Uint8Array(4096).fill(1), shape: [64, 64, 1] };
    const erased = draws({ type: 'randomErasing', probability: 0.25, fill: 9 }, 4000, ones).map((data) => {
      const [first, last] = [data.indexOf(9), data.lastIndexOf(9)];
      if (first < 0) return undefined;
      const [height, width] = [Math.floor(last / 64) - Math.floor(first / 64) + 1, (last % 64) - (first % 64) + 1];
      expect(data.filter((pixel) => pixel === 9).length).toBe(height * width);
      return { area: (height * width) / 4096, ratio: height / width };
    });
    const boxes = erased.flatMap((box) => box ?? []);
    expect(chiSquared([boxes.length, 4000 - boxes.length], [0.25, 0.75])).toBeLessThan(10.8);
    for (const { area, ratio } of boxes) {
      expect(area).toBeGreaterThan(0.015);
      expect(area).toBeLessThan(0.35);
      expect(ratio).toBeGreaterThan(0.25);
      expect(ratio).toBeLessThan(3.9);
    }
    expect(boxes.reduce((sum, { area }) => sum + area, 0) / boxes.length).toBeCloseTo((0.02 + 0.33) / 2, 1);
  });

  it('RandAugment reach all fourteen operations', () => {
    // One operation each; Identity leaves the image, Rotate and the others do not.
    const image = noiseImage(32, 32, 3);
    const results = draws({ type: 'randAugment', operations: 1, magnitude: 15 }, 700, image).map(String);
    const counts = [...new Set(results)].map((result) => results.filter((other) => other === result).length);
    // 4 places and turns and 4 colours with a sign each: 9 operations twice; 4 without, and the image itself. Equalize of
    // noise may be no change.
    expect(counts.length).toBeGreaterThanOrEqual(21);
    expect(counts.length).toBeLessThanOrEqual(23);
  });
});

describe('augmentation refuses', () => {
  it.each<[unknown, string]>([
    [{ type: 'mosaic' }, "augmentation: step 0 is of type 'mosaic', which is none of randomResizedCrop, resizeCrop,"],
    [
      { type: 'horizontalFlip', p: 1 },
      "augmentation: step 0 (horizontalFlip): there is no option 'p', only type, prob",
    ],
    [{ type: 'verticalFlip', probability: 2 }, '(verticalFlip): probability must be in [0, 1], got 2'],
    [{ type: 'randomResizedCrop', size: 0 }, '(randomResizedCrop): height must be an integer >= 1, got 0'],
    [
      { type: 'randomResizedCrop', size: 4, scale: [1, 0.5] },
      'scale must be [from, to] with 0 <= from <= to <= 1, got',
    ],
    [
      { type: 'randomResizedCrop', size: 4, resample: 'cubic' },
      'resample must be one of bilinear, bicubic, lanczos, n',
    ],
    [
      { type: 'resizeCrop', size: 9, shortestEdge: 8 },
      'size [9,9] is larger than shortestEdge 8; enlarge shortestEdge',
    ],
    [{ type: 'colorJitter', hue: 0.6 }, 'hue must be in [0, 0.5], got 0.6'],
    [{ type: 'randAugment', magnitude: 31 }, 'magnitude must be an integer in [0, 31), got 31'],
    [{ type: 'randomErasing', fill: 256 }, 'fill must be in [0, 255], got 256'],
    [{ type: 'jitter', pixels: -1 }, 'pixels must be an integer >= 0, got -1'],
  ])('%j', (step, message) => {
    expect(() => augmentation([step as AugmentationStep])).toThrow(message);
  });

  it('images it cannot change', () => {
    const augment = augmentation([{ type: 'horizontalFlip' }]);
    const address = { seed: 0, epoch: 0, id: 0 };
    expect(() => applyAugmentation(augment, { data: new Float32Array(3), shape: [1, 1, 3] }, address)).toThrow(
      'augmentation: pixels are Float32Array, expected Uint8Array',
    );
    expect(() => applyAugmentation(augment, { data: new Uint8Array(4), shape: [1, 1, 4] }, address)).toThrow(
      'augmentation: 4 pixels of shape [1,1,4] are not an image [height, width, 1 or 3]',
    );
    expect(() => applyAugmentation(augment, places, { ...address, epoch: -1 })).toThrow('epoch must be an integer in');
  });
});
