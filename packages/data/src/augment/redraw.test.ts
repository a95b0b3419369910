import { describe, expect, it } from 'vitest';
import { jitterAugmentation } from '../jitter.ts';
import { resizeImage } from '../resample/resize-image.ts';
import { type AugmentationStep, augmentation } from './augmentation.ts';

/** A smooth image whose colours say where a pixel is: red from left to right, green from top to bottom. */
function gradient(height: number, width: number): { data: Uint8Array; shape: [number, number, number] } {
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / 3), i % 3];
    const part = channel === 0 ? (pixel % width) / width : Math.floor(pixel / width) / height;
    return 55 + 200 * (channel === 2 ? 0.5 : part);
  });
  return { data, shape: [height, width, 3] };
}

const distance = (a: { data: ArrayLike<number> }, b: { data: ArrayLike<number> }): number =>
  Array.from(a.data).reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length;

const PIPELINES: [string, AugmentationStep[]][] = [
  ['randomResizedCrop', [{ type: 'randomResizedCrop', size: [24, 20] }]],
  ['resizeCrop', [{ type: 'resizeCrop', shortestEdge: 40, size: [24, 20], place: 'random' }]],
  ['flips', [{ type: 'horizontalFlip' }, { type: 'verticalFlip' }]],
  ['randomErasing', [{ type: 'randomErasing', probability: 1 }]],
  ['jitter', [{ type: 'jitter', pixels: 6 }]],
  ['randAugment', [{ type: 'randAugment' }]],
  [
    'a crop, and a crop of it',
    [
      { type: 'randomResizedCrop', size: 30, scale: [0.3, 1] },
      { type: 'horizontalFlip' },
      { type: 'resizeCrop', shortestEdge: 30, size: [24, 20], place: 'random' },
      { type: 'randomErasing' },
    ],
  ],
];

describe('a view for another network', () => {
  it.each(PIPELINES)('has the same geometry in three times the size: %s', (_, steps) => {
    const augment = augmentation(steps);
    const crops = augment.takesAnySize;
    const small = crops ? gradient(63, 54) : gradient(24, 20);
    const large = crops ? small : gradient(72, 60);
    const to = [72, 60] as const;
    let [own, others] = [0, 0];
    for (let id = 0; id < 40; id++) {
      const where = { seed: 1, view: 2, id };
      const student = augment.applyView(small, where);
      const teacher = augment.applyView(large, { ...where, redraw: { from: small.shape, to } });
      expect(teacher.shape).toEqual([72, 60, 3]);
      const shrunk = resizeImage(teacher, { height: 24, width: 20, filter: 'bilinear' });
      own += distance(student, shrunk) / 40;
      others += distance(augment.applyView(small, { ...where, id: id + 40 }), shrunk) / 40;
    }
    // Of 255: edges and the resampling; some of RandAugment's operations look at the counts of levels, too.
    expect(own).toBeLessThan(steps[0]!.type === 'randAugment' ? 10 : 5);
    expect(others).toBeGreaterThan(2 * own);
  });

  it.each(PIPELINES)('is the very same in the same size: %s', (_, steps) => {
    const augment = augmentation(steps);
    const image = augment.takesAnySize ? gradient(63, 54) : gradient(24, 20);
    for (let id = 0; id < 20; id++) {
      const where = { seed: 1, view: 2, id };
      const redraw = { from: image.shape, to: [24, 20] as const };
      expect(augment.applyView(image, { ...where, redraw })).toEqual(augment.applyView(image, where));
    }
  });

  it('moves as far for jitter alone', () => {
    const augment = jitterAugmentation(2);
    const [small, large] = [gradient(12, 10), gradient(24, 20)];
    for (let view = 0; view < 25; view++) {
      const moved = augment.applyView(small, { seed: 0, view, id: 0 }).data;
      const redraw = { from: small.shape, to: [24, 20] as const };
      const twice = augment.applyView(large, { seed: 0, view, id: 0, redraw }).data;
      for (let y = 0; y < 12; y++) {
        for (let x = 0; x < 10; x++) {
          expect(twice[(2 * y * 20 + 2 * x) * 3] === 0).toBe(moved[(y * 10 + x) * 3] === 0);
        }
      }
    }
  });
});
