import { type Batch, teacherView } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { arrayDataset } from '../array-dataset.ts';
import { type AugmentationStep, augmentation } from '../augment/augmentation.ts';
import { dataLoader as portableLoader } from '../data-loader.ts';
import { dataLoader, type NodeLoaderOptions } from '../node/data-loader.ts';
import { createProcessor } from '../processors/create-processor.ts';
import { pngDataset, pngPixels } from '../testing/png-dataset.ts';
import { cutMix } from './cut-mix.ts';
import { mixup } from './mixup.ts';

const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: 12 });
const teacherProcessor = createProcessor({
  image_processor_type: 'ConvNextImageProcessor',
  size: { shortest_edge: 20 },
  crop_pct: 0.875,
});

async function first(batches: AsyncIterable<Batch>): Promise<Batch> {
  for await (const batch of batches) return batch;
  throw new Error('no batch');
}

describe('dataLoader with a teacherProcessor', () => {
  it.each(['float32', 'uint8'] as const)('gives student and teacher what each would get alone: %s', async (output) => {
    const dataset = await pngDataset(7);
    const options = { batchSize: 7, shuffle: true, seed: 3, output };
    const both = await first(dataLoader(dataset, { ...options, processor, teacherProcessor }));
    const { teacherImages, ...own } = both;
    expect(own).toEqual(await first(dataLoader(dataset, { ...options, processor })));
    const alone = await first(dataLoader(dataset, { ...options, processor: teacherProcessor }));
    expect(teacherView(both)).toEqual(alone);
    expect(teacherImages!.shape).toEqual([7, 20, 20, 3]);
    expect(teacherImages!.source).toBe(alone.source); // one cache for both
    expect(own.source).not.toBe(alone.source);
  });

  const CROP: AugmentationStep[] = [{ type: 'randomResizedCrop', size: [9, 7] }, { type: 'horizontalFlip' }];
  it.each<[string, Partial<NodeLoaderOptions>]>([
    ['no augmentation', {}],
    ['crops of the decoded', { augment: augmentation(CROP, { views: 3 }) }],
    ['changes of the resized', { augment: augmentation([{ type: 'randAugment' }, { type: 'randomErasing' }]) }],
    ['jitter', { jitter: 2 }],
  ])('gives the same in workers: %s', async (_, options) => {
    const dataset = await pngDataset(9);
    const all = { batchSize: 4, seed: 2, processor, teacherProcessor, ...options };
    const expected = await first(dataLoader(dataset, { ...all, workers: 0 }).epoch(4));
    expect(await first(dataLoader(dataset, { ...all, workers: 2 }).epoch(4))).toEqual(expected);
    expect(expected.teacherImages!.shape).toEqual([4, 20, 20, 3]);
  });

  it('shows the teacher the same crop of the decoded image, at its own size', async () => {
    const dataset = await pngDataset(3);
    const augment = augmentation(CROP);
    const batch = await first(
      dataLoader(dataset, { batchSize: 3, seed: 2, processor, teacherProcessor, augment, output: 'uint8' }).epoch(5),
    );
    for (let i = 0; i < 3; i++) {
      const image = pngPixels(i);
      const where = { seed: 2, view: 5, id: `leaf-${i}.png` };
      const expected = augment.applyView(image, { ...where, redraw: { from: image.shape, to: [20, 20] } }).data;
      expect(batch.teacherImages!.data.slice(i * 1200, (i + 1) * 1200)).toEqual(expected);
    }
    expect(batch.fresh).toBe(true);
    expect(batch.teacherImages!.normalization).toEqual(teacherProcessor.normalization);
  });

  it('covers all that the teacher sees by the source of its images', async () => {
    const dataset = await pngDataset(2);
    const sourceOf = async (options: Partial<NodeLoaderOptions>) =>
      (await first(dataLoader(dataset, { batchSize: 2, processor, teacherProcessor, ...options }))).teacherImages!
        .source;
    const augment = augmentation(CROP, { views: 2 });
    const small = createProcessor({ image_processor_type: 'ViTImageProcessor', size: 8 });
    const sources = await Promise.all([
      sourceOf({}),
      sourceOf({ teacherProcessor: small }),
      sourceOf({ augment }),
      sourceOf({ augment, seed: 1 }),
      sourceOf({ jitter: 1 }),
      sourceOf({ jitter: 1, processor: small }), // moved by other parts of its width
    ]);
    expect(new Set(sources).size).toBe(sources.length);
    expect(await sourceOf({ processor: small })).toBe(sources[0]); // another student, the same teacher
    const fingerprints = await Promise.all(
      [{}, { teacherProcessor }, { teacherProcessor: small }].map((more) =>
        dataLoader(dataset, { batchSize: 2, processor, ...more }).fingerprint(),
      ),
    );
    expect(new Set(fingerprints).size).toBe(3);
  });

  it('makes nothing twice for a teacher who takes what the student takes', async () => {
    const same = createProcessor(JSON.parse(JSON.stringify(processor.config)));
    const dataset = await pngDataset(2);
    const batch = await first(dataLoader(dataset, { batchSize: 2, processor, teacherProcessor: same }));
    expect(batch.teacherImages).toBeUndefined();
    expect(teacherView(batch)).toBe(batch);
  });

  it('leaves out the same rows', async () => {
    const dataset = await pngDataset(4, (index, bytes) => (index === 1 ? bytes.slice(0, 20) : bytes));
    const batch = await first(dataLoader(dataset, { batchSize: 4, processor, teacherProcessor, onError: 'skip' }));
    const whole = await first(dataLoader(await pngDataset(4), { batchSize: 4, processor, teacherProcessor }));
    expect(batch.teacherImages!.shape).toEqual([3, 20, 20, 3]);
    expect(batch.teacherImages!.data.slice(1200, 2400)).toEqual(whole.teacherImages!.data.slice(2400, 3600));
  });

  it('resizes images in memory for the teacher alone, which must be uint8', async () => {
    const { data, shape } = pngPixels(1);
    const dataset = arrayDataset({ images: { data, shape: [1, ...shape] }, labels: [0], classNames: ['a', 'b', 'c'] });
    const batch = await first(portableLoader(dataset, { batchSize: 1, teacherProcessor, output: 'uint8' }));
    expect(batch.images.data).toEqual(data);
    expect(batch.teacherImages!.data).toEqual(teacherProcessor.resize({ data, shape }).data);
  });

  it.each([mixup({ concentration: 1 }), cutMix()])('mixes both alike: $config.type', async (batchTransform) => {
    // Each image of one level: a mixed pixel says the share.
    const levels = [0, 250];
    const images = {
      data: Uint8Array.from({ length: 2 * 768 }, (_, i) => levels[i < 768 ? 0 : 1]!),
      shape: [2, 16, 16, 3],
    };
    const dataset = arrayDataset({ images, labels: [0, 1] });
    const other = createProcessor({ image_processor_type: 'ViTImageProcessor', size: 32 });
    const loader = portableLoader(dataset, { batchSize: 2, teacherProcessor: other, output: 'uint8', batchTransform });
    for (let epoch = 0; epoch < 20; epoch++) {
      const { images: own, teacherImages, targets, fresh, source } = await first(loader.epoch(epoch));
      const mean = (pixels: ArrayLike<number>, row: number): number => {
        const half = pixels.length / 2;
        return Array.from({ length: half }, (_, i) => pixels[row * half + i]!).reduce((sum, x) => sum + x, 0) / half;
      };
      for (const row of [0, 1]) {
        expect(mean(own.data, row) / 250).toBeCloseTo(targets![2 * row + 1]!, 2);
        expect(mean(teacherImages!.data, row) / 250).toBeCloseTo(targets![2 * row + 1]!, 2);
      }
      expect([fresh, source, teacherImages!.source]).toEqual([true, undefined, undefined]);
      if (batchTransform.config.type !== 'cutMix') continue;
      for (let place = 0; place < 256; place++) {
        const [y, x] = [Math.floor(place / 16), place % 16];
        expect(teacherImages!.data[(2 * y * 32 + 2 * x) * 3]).toBe(own.data[place * 3]);
      }
    }
  });

  it.each([
    ['leaves teacherImages as they are', (batch: Batch): Batch => batch],
    ['drops teacherImages', ({ teacherImages: _, ...batch }: Batch): Batch => batch],
  ])('refuses a transform that %s', async (what, keep) => {
    const batchTransform = {
      config: { type: 'mine' },
      apply: (batch: Batch) => keep({ ...batch, images: { ...batch.images, data: batch.images.data.slice() } }),
    };
    const options = { batchSize: 2, processor, teacherProcessor, batchTransform };
    await expect(first(dataLoader(await pngDataset(2), options))).rejects.toThrow(
      `dataLoader: batchTransform {"type":"mine"} changes images and ${what}; change both alike`,
    );
  });
});
