import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { arrayDataset } from '../../array-dataset.ts';
import { augmentation } from '../../augment/augmentation.ts';
import { createProcessor } from '../../processors/create-processor.ts';
import { cut, pngDataset } from '../../testing/png-dataset.ts';
import { augmentationSheet } from '../augmentation-sheet.ts';
import { contactSheet } from '../contact-sheet.ts';
import { chooseSamples } from './chosen-samples.ts';

/** Sample i is of class i % 3 and one grey all over, 10 * (i + 1). */
const greys = arrayDataset({
  images: { data: Uint8Array.from({ length: 20 * 64 }, (_, i) => 10 * (Math.floor(i / 64) + 1)), shape: [20, 8, 8] },
  labels: Array.from({ length: 20 }, (_, i) => i % 3),
});

async function pixels(
  png: Uint8Array,
): Promise<{ width: number; height: number; at: (x: number, y: number) => number[] }> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    width,
    height,
    at: (x, y) => [...data.subarray((y * width + x) * channels, (y * width + x) * channels + 3)],
  };
}

describe('contactSheet', () => {
  it('has the images asked for, in their order, in rows', async () => {
    const sheet = await pixels(await contactSheet(greys, { indices: [4, 19, 0, 7, 7], columns: 3, tileSize: 40 }));
    expect([sheet.width, sheet.height]).toEqual([8 + 3 * 48, 8 + 2 * (40 + 30 + 8)]);
    const shown = Array.from({ length: 5 }, (_, i) => sheet.at(28 + 48 * (i % 3), 28 + 78 * Math.floor(i / 3)));
    expect(shown).toEqual([50, 200, 10, 80, 80].map((grey) => [grey, grey, grey]));
    expect(sheet.at(28 + 96, 28 + 78)).toEqual([255, 255, 255]);
  });

  it('has room for a title', async () => {
    const plain = await pixels(await contactSheet(greys, { count: 3 }));
    const titled = await pixels(await contactSheet(greys, { count: 3, title: 'Greys < & > "whites"' }));
    expect(titled.height).toBe(plain.height + 30);
  });

  it('shows that an image cannot be read, and the others', async () => {
    const dataset = await pngDataset(3, (index, bytes) => (index === 1 ? cut(bytes) : bytes));
    const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 32, width: 32 } });
    const sheet = await pixels(await contactSheet(dataset, { indices: [0, 1], tileSize: 64, processor }));
    expect(sheet.at(8 + 72 + 32, 40)).toEqual([0xdd, 0xdd, 0xdd]);
    expect(sheet.at(8 + 32, 40)).not.toEqual([0xdd, 0xdd, 0xdd]);
  });

  it.each([
    [{ indices: [20] }, 'contactSheet: index must be an integer in [0, 20), got 20'],
    [{ indices: [] }, 'contactSheet: indices are empty; name at least one'],
    [{ count: 0 }, 'contactSheet: count must be an integer >= 1, got 0'],
    [{ columns: 0 }, 'contactSheet: columns must be an integer in [1, 1000), got 0'],
    [{ tileSize: 4 }, 'contactSheet: tileSize must be an integer in [16, 2048), got 4'],
  ])('refuses %j', async (options, message) => {
    await expect(contactSheet(greys, options)).rejects.toThrow(message);
  });
});

describe('augmentationSheet', () => {
  it('shows the image as it is, then the views that the loader shows', async () => {
    const augment = augmentation([{ type: 'colorJitter', brightness: 0.9 }]);
    const png = await augmentationSheet(greys, augment, { indices: [9, 4], epochs: 3, tileSize: 40, seed: 5 });
    const sheet = await pixels(png);
    expect([sheet.width, sheet.height]).toEqual([8 + 4 * 48, 8 + 2 * 78]);
    for (const [row, index] of [9, 4].entries()) {
      expect(sheet.at(28, 28 + 78 * row)[0]).toBe(10 * (index + 1));
      for (let epoch = 0; epoch < 3; epoch++) {
        const view = augment.applyView(greys.get(index).image, { seed: 5, view: epoch, id: index });
        expect(sheet.at(28 + 48 * (epoch + 1), 28 + 78 * row)[0]).toBe(view.data[0]);
      }
    }
  });
});

describe('chooseSamples', () => {
  it('takes as many of each class, class by class, each once', () => {
    const chosen = chooseSamples('test', greys, { count: 9, seed: 3 });
    expect(chosen.map((index) => index % 3)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    expect(new Set(chosen).size).toBe(9);
    expect(chooseSamples('test', greys, { count: 9, seed: 4 })).not.toEqual(chosen);
    expect(chooseSamples('test', greys, { count: 99, seed: 3 })).toHaveLength(20);
  });
});
