import { type Batch, type EncodedDataset, type ImageArray, KdError, normalizeImages } from '@kd/core';
import { describe, expect, it, vi } from 'vitest';
import { arrayDataset } from '../array-dataset.ts';
import { type Augmentation, applyAugmentation, augmentation } from '../augment/augmentation.ts';
import { dataLoader as portable } from '../data-loader.ts';
import { encodedDataset } from '../encoded-dataset.ts';
import { mixup } from '../loader/mixup.ts';
import { createProcessor } from '../processors/create-processor.ts';
import { countedReads, cut, pngDataset, pngPixels } from '../testing/png-dataset.ts';
import { dataLoader } from './data-loader.ts';

const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 16, width: 16 } });
const PIXELS = 16 * 16 * 3;

async function collect(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

const row = ({ images }: Batch, i: number): ImageArray['data'] => images.data.slice(i * PIXELS, (i + 1) * PIXELS);
const indexOf = (id: string | number): number => Number(/\d+/.exec(`${id}`)![0]);

describe('dataLoader over encoded images', () => {
  it('gives what the processor gives, in uint8 and in float32', async () => {
    const dataset = await pngDataset(11);
    const bytes = await collect(dataLoader(dataset, { batchSize: 4, processor, output: 'uint8', shuffle: true }));
    const floats = await collect(dataLoader(dataset, { batchSize: 4, processor, shuffle: true }));
    expect(bytes.map(({ ids }) => ids.length)).toEqual([4, 4, 3]);
    bytes.forEach((batch, n) => {
      expect(batch.normalization).toEqual(processor.normalization);
      expect(batch.labels).toEqual(Int32Array.from(batch.ids as string[], (id) => indexOf(id) % 3));
      batch.ids.forEach((id, i) => {
        expect(row(batch, i)).toEqual(processor.resize(pngPixels(indexOf(id))).data);
        expect(row(floats[n]!, i)).toEqual(processor.process(pngPixels(indexOf(id))).data);
      });
      expect(normalizeImages('test', batch.images, batch.normalization)).toEqual(floats[n]!.images.data);
      expect(floats[n]!.source).toBe(batch.source);
    });
    expect(bytes.flatMap(({ ids }) => [...ids]).map(indexOf)).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('is the same with any number of images in work, and from any batch on', async () => {
    const dataset = await pngDataset(22);
    const options = {
      batchSize: 4,
      processor,
      shuffle: true,
      seed: 5,
      augment: augmentation([{ type: 'randAugment' }]),
    };
    const whole = await collect(dataLoader(dataset, { ...options, prefetch: 0, concurrency: 1 }).epoch(3));
    const loader = dataLoader(dataset, { ...options, prefetch: 5, concurrency: 16 });
    for (const from of [0, 1, 5, 6]) expect(await collect(loader.epoch(3, from))).toEqual(whole.slice(from));
  });

  it('reads only what it resumes with', async () => {
    const dataset = await pngDataset(12);
    await collect(dataLoader(dataset, { batchSize: 4, processor }).epoch(0, 2));
    expect(dataset.reads.slice(12)).toEqual([8, 9, 10, 11]); // after the fingerprint, which reads each once
  });

  it('lets an augmentation that crops have the image as it was decoded', async () => {
    const dataset = await pngDataset(6);
    const augment = augmentation([{ type: 'randomResizedCrop', size: [9, 7] }, { type: 'horizontalFlip' }], {
      views: 3,
    });
    const options = { batchSize: 6, processor, augment, seed: 4, output: 'uint8' } as const;
    const [batch] = await collect(dataLoader(dataset, options).epoch(2));
    expect(batch!.images.shape).toEqual([6, 9, 7, 3]);
    for (let i = 0; i < 6; i++) {
      const address = { seed: 4, epoch: 2, id: `leaf-${i}.png` };
      const expected = applyAugmentation(augment, pngPixels(i), address).data;
      expect(batch!.images.data.slice(i * 189, (i + 1) * 189)).toEqual(expected);
      expect(batch!.views![i]).toBe(augment.view(address));
    }
  });

  it('lets any other have it as the processor resized it, and a function of one’s own too', async () => {
    const dataset = await pngDataset(2);
    const invert: Augmentation = {
      config: { type: 'invert' },
      seeded: false,
      takesAnySize: false,
      outputShape: (shape) => shape,
      view: () => 7,
      applyView: (image) => ({ ...image, data: Uint8Array.from(image.data, (pixel) => 255 - pixel) }),
    };
    const options = { batchSize: 2, processor, augment: invert, output: 'uint8' } as const;
    const [batch] = await collect(dataLoader(dataset, options));
    expect(row(batch!, 1)).toEqual(Uint8Array.from(processor.resize(pngPixels(1)).data, (pixel) => 255 - pixel));
    expect([...batch!.views!]).toEqual([7, 7]);
    const wrong = { ...invert, outputShape: () => [8, 8, 3] as const };
    await expect(collect(dataLoader(dataset, { ...options, augment: wrong }))).rejects.toThrow(
      "dataLoader: augment made [16,16,3] of sample 'leaf-0.png', the batch takes [8,8,3]",
    );
  });

  it('takes images that have one size already', async () => {
    const dataset = await pngDataset(1);
    const { shape, data } = pngPixels(0);
    const [batch] = await collect(dataLoader(dataset, { batchSize: 1, imageShape: shape, output: 'uint8' }));
    expect(batch!.images.data).toEqual(data);
    await expect(collect(dataLoader(dataset, { batchSize: 1, imageShape: [5, 5, 3] }))).rejects.toThrow(
      /sample 'leaf-0.png' \(index 0\): its pixels are of shape \[.*\], not of \[5,5,3\]; pass a processor/,
    );
  });

  it('mixes whole batches, without a source that a cache could go by', async () => {
    const dataset = await pngDataset(5);
    const loader = dataLoader(dataset, { batchSize: 5, processor, batchTransform: mixup({ concentration: 1 }) });
    const [batch] = await collect(loader);
    expect(Object.keys(batch!).sort()).toEqual(['fresh', 'ids', 'images', 'targets']);
    expect(batch!.targets).toHaveLength(15);
    expect((await collect(loader))[0]).toEqual(batch);
  });

  it('has another source for whatever gives other pixels', async () => {
    const dataset = await pngDataset(2);
    const sourceOf = async (options: object): Promise<string> =>
      (await collect(dataLoader(dataset, { batchSize: 2, processor, ...options })))[0]!.source!;
    const flip = augmentation([{ type: 'horizontalFlip' }]);
    const sources = [
      await sourceOf({}),
      await sourceOf({ augment: flip }),
      await sourceOf({ augment: flip, seed: 1 }),
      await sourceOf({ processor: createProcessor({ image_processor_type: 'ViTImageProcessor', size: 32 }) }),
    ];
    expect(new Set(sources).size).toBe(4);
    for (const same of [{ seed: 3 }, { batchSize: 1 }, { shuffle: true }, { output: 'uint8' }]) {
      expect(await sourceOf(same)).toBe(sources[0]);
    }
  });
});

describe('dataLoader with images that cannot be read', () => {
  const broken = (): Promise<EncodedDataset> =>
    pngDataset(16, (index, bytes) => ([6, 9, 10].includes(index) ? cut(bytes) : bytes));

  it('gives the batches before, then the error, with the name', async () => {
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      const loader = dataLoader(await broken(), { batchSize: 4, processor, prefetch: 3 });
      for await (const { ids } of loader) seen.push(ids.length);
    };
    await expect(run()).rejects.toThrow(/^dataLoader: sample 'leaf-6.png' \(index 6\): decodeImage: /);
    expect(seen).toEqual([4]);
  });

  it('leaves them out if told so, and says which', async () => {
    const loader = dataLoader(await broken(), { batchSize: 4, processor, onError: 'skip' });
    for (const _ of [0, 1]) {
      const batches = await collect(loader.epoch(0));
      expect(batches.map(({ ids }) => [...ids].map(indexOf))).toEqual([
        [0, 1, 2, 3],
        [4, 5, 7],
        [8, 11],
        [12, 13, 14, 15],
      ]);
      expect(batches[2]!.images.shape).toEqual([2, 16, 16, 3]);
      expect(batches[2]!.labels).toEqual(Int32Array.of(2, 2));
      const alone = dataLoader(await pngDataset(16), { batchSize: 16, processor });
      expect(row(batches[2]!, 1)).toEqual(row((await collect(alone))[0]!, 11));
    }
    expect(loader.skipped.map(({ index, id }) => [index, id])).toEqual([
      [6, 'leaf-6.png'],
      [9, 'leaf-9.png'],
      [10, 'leaf-10.png'],
    ]);
    expect(KdError.isInstance(loader.skipped[0]!.error)).toBe(true);
  });

  describe('of which a whole batch is broken', () => {
    const oneBroken = async (sampler: 'sequential' | 'random') => {
      const options = { batchSize: 2, processor, onError: 'skip', sampler, seed: 3 } as const;
      const whole = await collect(dataLoader(await pngDataset(10), options));
      const lost = [...whole[1]!.ids].map(indexOf);
      const dataset = await pngDataset(10, (index, bytes) => (lost.includes(index) ? cut(bytes) : bytes));
      const idsOf = (batches: readonly Batch[]): number[][] => batches.map(({ ids }) => [...ids].map(indexOf));
      return { loader: dataLoader(dataset, options), whole: idsOf(whole), lost, idsOf };
    };

    it('leaves it out of a sequential order', async () => {
      const { loader, whole, lost, idsOf } = await oneBroken('sequential');
      expect(idsOf(await collect(loader))).toEqual([whole[0], whole[2], whole[3], whole[4]]);
      expect(idsOf(await collect(loader.epoch(0, 3)))).toEqual([whole[3], whole[4]]);
      expect(loader.skipped.map(({ index }) => index)).toEqual(lost);
    });

    it('puts the next in its place in any other order, from whichever batch it begins', async () => {
      const { loader, whole, idsOf } = await oneBroken('random');
      const expected = [whole[0], whole[2], whole[2], whole[3], whole[4]];
      expect(idsOf(await collect(loader))).toEqual(expected);
      for (let from = 0; from <= 5; from++) {
        expect(idsOf(await collect(loader.epoch(0, from)))).toEqual(expected.slice(from));
      }
    });

    it.each(['sequential', 'random'] as const)('does not go on where nothing can be read: %s', async (sampler) => {
      const dataset = await pngDataset(6, (_, bytes) => cut(bytes));
      const loader = dataLoader(dataset, { batchSize: 2, processor, onError: 'skip', sampler });
      await expect(collect(loader)).rejects.toThrow(
        /^dataLoader: none of the 6 images can be read. The first: dataLoader: sample 'leaf-.\.png'/,
      );
    });
  });
});

describe('dataLoader that is left', () => {
  it.each([1, 3])('has no more than %d images in work', async (concurrency) => {
    const counted = countedReads(await pngDataset(30));
    await collect(dataLoader(counted, { batchSize: 7, processor, concurrency, prefetch: 4 }));
    expect(counted.most()).toBe(concurrency);
  });

  it('reads no more once the loop is left', async () => {
    const dataset = await pngDataset(60);
    const unread = { ...dataset, fingerprint: async () => 'f' };
    for await (const _ of dataLoader(unread, { batchSize: 4, processor, prefetch: 1, concurrency: 2 })) break;
    const count = dataset.reads.length;
    expect(count).toBeLessThanOrEqual(4 + 4 + 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(dataset.reads.length).toBeLessThanOrEqual(count + 2);
  });

  it('ends with the signal, before the first batch and between two', async () => {
    const dataset = await pngDataset(20);
    const abort = new AbortController();
    const loader = dataLoader(dataset, { batchSize: 4, processor, signal: abort.signal });
    let batches = 0;
    const run = async (): Promise<void> => {
      for await (const _ of loader) {
        batches += 1;
        if (batches === 2) abort.abort(new Error('enough'));
      }
    };
    await expect(run()).rejects.toThrow('enough');
    expect(batches).toBe(2);
    await expect(run()).rejects.toThrow('enough');
    expect(batches).toBe(2);
  });

  it('does not wait for an image that never comes', async () => {
    const dataset = await pngDataset(4);
    const never = { ...dataset, read: () => new Promise<Uint8Array>(() => {}) };
    for (const fingerprint of [async () => 'f', encodedDataset({ ids: ['a'], read: never.read }).fingerprint]) {
      const options = { batchSize: 2, processor, signal: AbortSignal.timeout(20) };
      await expect(collect(dataLoader({ ...never, fingerprint }, options))).rejects.toThrow('timeout');
    }
  });

  it('leaves no rejection unheard', async () => {
    const unheard = vi.fn();
    process.on('unhandledRejection', unheard);
    const dataset = await pngDataset(12, (index, bytes) => (index > 3 ? cut(bytes) : bytes));
    for await (const _ of dataLoader(dataset, { batchSize: 4, processor, prefetch: 2 })) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('unhandledRejection', unheard);
    expect(unheard).not.toHaveBeenCalled();
  });
});

describe('dataLoader refuses', () => {
  const flip = augmentation([{ type: 'horizontalFlip' }]);

  it.each<[object, string]>([
    [{}, "nothing brings the images to one size; pass a 'processor', an 'augment' that starts with a crop, or their"],
    [{ augment: flip }, 'nothing brings the images to one size'],
    [{ processor, normalize: { mean: 0, std: 1 } }, 'normalize and a processor are given, which has its own'],
    [{ processor, augment: flip, jitter: 1 }, "jitter and augment are given; put { type: 'jitter', pixels } into"],
    [
      { processor, shuffle: true, sampler: 'sequential' },
      "shuffle true and sampler 'sequential' contradict each other",
    ],
    [
      { processor, sampler: 'balanced' },
      "sampler must be 'sequential' or 'random' or 'class-balanced', got 'balanced'",
    ],
    [{ processor, output: 'float16' }, "output must be 'float32' or 'uint8', got 'float16'"],
    [{ processor, onError: 'ignore' }, "onError must be 'throw' or 'skip', got 'ignore'"],
    [{ processor, prefetch: -1 }, 'prefetch must be an integer >= 0, got -1'],
    [{ processor, concurrency: 0 }, 'concurrency must be an integer >= 1, got 0'],
    [
      { imageShape: [4, 4, 3], normalize: { mean: [0], std: [1] } },
      'the images have 3 channels, the normalisation is for 1',
    ],
  ])('%j', async (options, message) => {
    const dataset = await pngDataset(2);
    expect(() => dataLoader(dataset, { batchSize: 2, ...options })).toThrow(`dataLoader: ${message}`);
  });

  it.each([dataLoader, portable])('a call without options', async (make) => {
    const dataset = await pngDataset(2);
    expect(() => make(dataset, undefined as unknown as { batchSize: number })).toThrow(
      'dataLoader: options are undefined, and batchSize is missing; pass { batchSize: 32 }',
    );
    expect(() => make(dataset, {} as { batchSize: number })).toThrow(
      'dataLoader: batchSize must be an integer >= 1, got undefined',
    );
  });

  it('pixels of another size than the processor makes, unless they are cropped to one', () => {
    const pixels = arrayDataset({ images: { data: new Uint8Array(2 * 20 * 20 * 3), shape: [2, 20, 20, 3] } });
    expect(() => dataLoader(pixels, { batchSize: 2, processor })).toThrow(
      'dataLoader: the dataset has images of [20,20,3], the processor makes [16,16,3], and only encoded images are resized',
    );
    const augment = augmentation([{ type: 'randomResizedCrop', size: 16 }]);
    expect(dataLoader(pixels, { batchSize: 2, processor, augment })).toHaveLength(1);
    expect(dataLoader(pixels, { batchSize: 2, normalize: processor.normalization })).toHaveLength(1);
  });

  it('encoded images without a decoder', async () => {
    const dataset = await pngDataset(1);
    expect(() => portable(dataset, { batchSize: 1, processor })).toThrow(
      "dataLoader: the images are encoded; pass 'decode', or use dataLoader of @kd/data/node, which has a decoder",
    );
  });
});
