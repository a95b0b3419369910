import { type Batch, type ImageDataset, numericIds, randomSource } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { arrayDataset } from './array-dataset.ts';
import { type DataLoaderOptions, dataLoader } from './data-loader.ts';
import { subset } from './subset.ts';
import { noise } from './testing/noise.ts';

const dataset = noise(50, [5, 6, 1]);

async function collect(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

const epochOf = (options: Partial<DataLoaderOptions>, epoch = 0, from: ImageDataset = dataset): Promise<Batch[]> =>
  collect(dataLoader(from, { batchSize: 8, ...options }).epoch(epoch));

const idsOf = (batches: Batch[]): (number | string)[] => batches.flatMap(({ ids }) => [...ids]);

/** The rows of a batch as one entry a sample: id, view, label and pixels. */
function rows({
  ids,
  images,
  labels,
  views,
}: Batch): { key: string; label?: number | undefined; pixels: Float32Array }[] {
  const size = images.data.length / ids.length;
  return Array.from(ids as ArrayLike<number | string>, (id, i) => ({
    key: `${id} ${views?.[i]}`,
    label: labels?.[i],
    pixels: images.data.slice(i * size, (i + 1) * size) as Float32Array,
  }));
}

/** The same shift, written down pixel by pixel as the documentation states it. */
function slowlyJittered(
  { data, shape }: { data: ArrayLike<number>; shape: readonly number[] },
  dx: number,
  dy: number,
  [mean, std]: [number, number],
): number[] {
  const [height = 0, width = 0, channels = 0] = shape;
  const out: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const inside = y - dy >= 0 && y - dy < height && x - dx >= 0 && x - dx < width;
        const pixel = inside ? data[((y - dy) * width + (x - dx)) * channels + c]! : 0;
        out.push((pixel / 255 - mean) / std);
      }
    }
  }
  return out;
}

describe('dataLoader', () => {
  it('gives every sample once an epoch, the last batch with what is left', async () => {
    const batches = await epochOf({ shuffle: true });
    expect(batches.map(({ ids }) => ids.length)).toEqual([8, 8, 8, 8, 8, 8, 2]);
    expect((idsOf(batches) as number[]).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(batches[6]!.images).toMatchObject({ shape: [2, 5, 6, 1], data: { length: 60 } });
    expect(batches[6]!.labels).toHaveLength(2);
    for (const { ids, labels } of batches)
      expect(Array.from(ids as Uint32Array, (id) => id % 10)).toEqual([...labels!]);
  });

  it('keeps the order of the dataset without shuffle, in every epoch', async () => {
    expect(idsOf(await epochOf({}))).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(await epochOf({}, 1)).toEqual(await epochOf({}, 0));
  });

  it('shuffles each epoch anew, and replays it from its seed', async () => {
    const options = { shuffle: true, jitter: 2, seed: 3 };
    expect(await epochOf(options, 4)).toEqual(await epochOf(options, 4));
    expect(idsOf(await epochOf(options, 4))).not.toEqual(idsOf(await epochOf(options, 5)));
    expect(idsOf(await epochOf(options, 4))).not.toEqual(idsOf(await epochOf({ ...options, seed: 4 }, 4)));
  });

  it('is its own epoch 0, as often as one likes', async () => {
    const loader = dataLoader(dataset, { batchSize: 8, shuffle: true });
    const epoch = loader.epoch(0);
    const first = await collect(epoch);
    expect(await collect(epoch)).toEqual(first);
    expect(await collect(loader)).toEqual(first);
  });

  it('resumes at any batch with the tail of the whole epoch', async () => {
    const loader = dataLoader(dataset, { batchSize: 8, shuffle: true, jitter: 1, seed: 9 });
    const whole = await collect(loader.epoch(2));
    for (let from = 0; from <= loader.length; from++) {
      expect(await collect(loader.epoch(2, from))).toEqual(whole.slice(from));
    }
  });

  it('says how long an epoch is', () => {
    const of = (options: DataLoaderOptions): number[] => {
      const { length, sampleCount, batchSize } = dataLoader(dataset, options);
      return [length, sampleCount, batchSize];
    };
    expect(of({ batchSize: 8 })).toEqual([7, 50, 8]);
    expect(of({ batchSize: 8, dropLast: true })).toEqual([6, 48, 8]);
    expect(of({ batchSize: 25, dropLast: true })).toEqual([2, 50, 25]);
    expect(of({ batchSize: 1000 })).toEqual([1, 50, 1000]);
    expect(dataLoader(dataset, { batchSize: 8 }).classNames).toEqual(dataset.classNames);
  });

  it('drops a partial last batch if asked, and only that', async () => {
    const whole = await epochOf({ shuffle: true });
    expect(await epochOf({ shuffle: true, dropLast: true })).toEqual(whole.slice(0, 6));
  });

  it('normalises to (pixel / 255 - mean) / std', async () => {
    const normalize = { mean: 0.1307, std: 0.3081 };
    for (const { ids, images } of await epochOf({ shuffle: true, normalize })) {
      const expected = Array.from(ids as Uint32Array, (id) => [...dataset.get(id).image.data]).flat();
      images.data.forEach((value, i) => {
        expect(Math.abs(value - (expected[i]! / 255 - 0.1307) / 0.3081)).toBeLessThan(1e-6);
      });
    }
  });

  it('makes new arrays for every batch', async () => {
    const batches = await epochOf({ jitter: 1 });
    const buffers = batches.flatMap(({ ids, images, labels, views }) =>
      [ids as Uint32Array, images.data, labels!, views!].map(({ buffer }) => buffer),
    );
    expect(new Set(buffers).size).toBe(4 * batches.length);
  });

  it('has no views without jitter and no labels without labels', async () => {
    const unlabelled = arrayDataset({ images: { data: new Uint8Array(4), shape: [4, 1, 1] } });
    const [batch] = await epochOf({}, 0, unlabelled);
    expect(Object.keys(batch!)).toEqual(['ids', 'images', 'source']);
  });
});

describe('dataLoader with jitter', () => {
  it.each<[string, [number, number, number], number]>([
    ['grey', [28, 28, 1], 2],
    ['colour, not square', [4, 7, 3], 3],
    ['one row', [2, 9, 1], 1],
  ])('shifts as documented: %s', async (_, imageShape, jitter) => {
    const images = noise(30, imageShape);
    const normalize = { mean: 0.3, std: 0.7 };
    const batches = await epochOf({ shuffle: true, seed: 11, jitter, normalize }, 6, images);
    for (const { ids, views, images: out } of batches) {
      const expected = Array.from(ids as Uint32Array, (id, i) => {
        const random = randomSource({ seed: 11, stream: 'jitter', epoch: 6, id });
        const dx = random.below(2 * jitter + 1) - jitter;
        const dy = random.below(2 * jitter + 1) - jitter;
        expect(views![i]).toBe((dy + jitter) * (2 * jitter + 1) + (dx + jitter));
        return slowlyJittered(images.get(id).image, dx, dy, [0.3, 0.7]);
      }).flat();
      out.data.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6);
      });
    }
  });

  it('gives equal pixels for equal id and view, over seeds and epochs, and shows all 25 views', async () => {
    const few = subset(dataset, [3, 41]);
    const seen = new Map<string, Float32Array>();
    for (const seed of [1, 2]) {
      const loader = dataLoader(few, { batchSize: 2, shuffle: true, seed, jitter: 2 });
      for (let epoch = 0; epoch < 150; epoch++) {
        for (const { key, pixels } of rows((await collect(loader.epoch(epoch)))[0]!)) {
          expect(pixels).toEqual(seen.get(key) ?? pixels);
          seen.set(key, pixels);
        }
      }
    }
    expect([...seen.keys()].sort()).toEqual(
      ['3', '41'].flatMap((id) => Array.from({ length: 25 }, (_, view) => `${id} ${view}`)).sort(),
    );
    expect(new Set([...seen.values()].map(String)).size).toBe(50);
  });

  it('shows a sample the same in a subset, whatever the batch', async () => {
    const whole = new Map((await epochOf({ jitter: 2 }, 1)).flatMap(rows).map((row) => [row.key, row]));
    const part = await epochOf({ jitter: 2, batchSize: 3, shuffle: true }, 1, subset(dataset, [40, 5, 22, 23]));
    for (const row of part.flatMap(rows)) expect(row).toEqual(whole.get(row.key));
  });
});

describe('dataLoader over a dataset that only has get', () => {
  it.each([{}, { jitter: 2, normalize: { mean: 0.1, std: 0.2 } }])('gives the same batches: %j', async (options) => {
    const shuffled = { ...options, shuffle: true };
    const part = subset(dataset, [1, 9, 4, 30, 31, 32, 6, 7, 8, 2, 49]);
    for (const from of [dataset, part]) {
      expect(await epochOf(shuffled, 3, { ...from })).toEqual(await epochOf(shuffled, 3, from));
    }
    const partOfPlain = subset({ ...dataset }, [1, 9, 4]);
    expect(await epochOf(shuffled, 3, partOfPlain)).toEqual(await epochOf(shuffled, 3, subset(dataset, [1, 9, 4])));
  });

  it('reads through the get of a wrapper', async () => {
    const inverted: ImageDataset = {
      ...dataset,
      get: (index) => {
        const { image, ...rest } = dataset.get(index);
        return { ...rest, image: { ...image, data: image.data.map((pixel) => 255 - pixel) as Uint8Array } };
      },
    };
    const [plain, wrapped] = [(await epochOf({}))[0]!, (await epochOf({}, 0, inverted))[0]!];
    plain.images.data.forEach((value, i) => {
      expect(wrapped.images.data[i]).toBeCloseTo(1 - value, 6);
    });
  });

  it('copes with a get that uses one buffer for all images', async () => {
    const data = new Uint8Array(30);
    const reusing: ImageDataset = {
      ...dataset,
      get: (index) => {
        const sample = dataset.get(index);
        data.set(sample.image.data);
        return { ...sample, image: { ...sample.image, data } };
      },
    };
    expect(await epochOf({ jitter: 1 }, 0, reusing)).toEqual(await epochOf({ jitter: 1 }));
  });

  it('takes float32 pixels in [0, 1]', async () => {
    const floats: ImageDataset = {
      ...dataset,
      get: (index) => {
        const sample = dataset.get(index);
        return { ...sample, image: { ...sample.image, data: Float32Array.from(sample.image.data, (p) => p / 255) } };
      },
    };
    const options = { jitter: 1, normalize: { mean: 0.1307, std: 0.3081 } };
    expect(await epochOf(options, 0, floats)).toEqual(await epochOf(options));
  });

  it('names samples by strings if any id is one, and jitters them by name', async () => {
    const named: ImageDataset = {
      ...dataset,
      get: (index) => ({ ...dataset.get(index), id: index === 3 ? 3 : `leaf-${index}` }),
    };
    const [batch] = await epochOf({ jitter: 2, seed: 8 }, 0, named);
    expect(batch!.ids).toEqual(['leaf-0', 'leaf-1', 'leaf-2', '3', 'leaf-4', 'leaf-5', 'leaf-6', 'leaf-7']);
    const random = randomSource({ seed: 8, stream: 'jitter', id: numericIds(['leaf-5'])[0]! });
    expect(batch!.views![5]! % 5).toBe(random.below(5));
  });

  const sample = dataset.get(0);
  it.each<[string, Partial<ReturnType<ImageDataset['get']>>, string]>([
    [
      'a label out of range',
      { label: 10 },
      'dataLoader: label 10 of sample 2 is not in [0, 10); label all samples or none',
    ],
    ['a label that is missing', { label: undefined as never }, 'dataLoader: label undefined of sample 2 is not in'],
    ['a negative id', { id: -1 }, 'dataLoader: id -1 of sample 2 is not an integer in [0, 2^32); use strings for'],
    ['a fractional id', { id: 0.5 }, 'dataLoader: id 0.5 of sample 2 is not an integer in [0, 2^32); use strings for'],
    [
      'an image of another size',
      { image: { data: new Uint8Array(4), shape: [2, 2, 1] } },
      'dataset.get(2): 4 pixels of shape [2,2,1] are not of imageShape [5,6,1]',
    ],
    [
      'an image that lies on its side',
      { image: { ...sample.image, shape: [6, 5, 1] } },
      'dataset.get(2): 30 pixels of shape [6,5,1] are not of imageShape [5,6,1]',
    ],
    [
      "a canvas' pixels",
      { image: { ...sample.image, data: new Uint8ClampedArray(30) as never } },
      'dataset.get(2): pixels are Uint8ClampedArray, expected Uint8Array or Float32Array',
    ],
  ])('refuses %s', async (_, change, message) => {
    const bad: ImageDataset = {
      ...dataset,
      get: (index) => ({ ...dataset.get(index), ...(index === 2 && change) }),
    };
    await expect(epochOf({}, 0, bad)).rejects.toThrow(message);
  });
});

describe('dataLoader refuses', () => {
  it.each<[Partial<DataLoaderOptions>, string]>([
    [{ batchSize: 0 }, 'batchSize must be an integer >= 1, got 0'],
    [{ batchSize: 2.5 }, 'batchSize must be an integer >= 1, got 2.5'],
    [{ batchSize: Number.POSITIVE_INFINITY }, 'batchSize must be an integer >= 1, got Infinity'],
    [{ batchSize: undefined as never }, 'batchSize must be an integer >= 1, got undefined'],
    [{ jitter: -1 }, 'jitter must be an integer in [0, 5), got -1'],
    [{ jitter: 5 }, 'jitter must be an integer in [0, 5), got 5'],
    [{ jitter: 0.5 }, 'jitter must be an integer in [0, 5), got 0.5'],
    [{ seed: -1 }, 'seed must be an integer in [0, 2^53), got -1'],
    [{ normalize: { mean: 0, std: 0 } }, 'normalize needs a finite mean and a std > 0, got mean 0 and std 0'],
    [{ batchSize: 51, dropLast: true }, 'dropLast leaves no batch of 51 from 50 samples; use a smaller batchSize'],
  ])('%j', (options, message) => {
    expect(() => dataLoader(dataset, { batchSize: 8, ...options })).toThrow(`dataLoader: ${message}`);
  });

  it('a dataset without samples', () => {
    expect(() => dataLoader({ ...dataset, length: 0 }, { batchSize: 8 })).toThrow(
      'dataLoader: the dataset has no samples',
    );
  });

  it.each([
    [-1, 0, 'index must be an integer in [0, 4294967296), got -1'],
    [1.5, 0, 'index must be an integer in [0, 4294967296), got 1.5'],
    [0, 8, 'fromBatch must be an integer in [0, 8), got 8'],
    [0, -1, 'fromBatch must be an integer in [0, 8), got -1'],
  ])('epoch(%d, %d), before anything is read', (epoch, fromBatch, message) => {
    const loader = dataLoader(dataset, { batchSize: 8 });
    expect(() => loader.epoch(epoch, fromBatch)).toThrow(`dataLoader.epoch: ${message}`);
  });

  it('names its source by data and preparation, and not by seed, order or batch', async () => {
    const sourceOf = async (options: Partial<DataLoaderOptions>, dataset = digits) => {
      for await (const { source } of dataLoader(dataset, { batchSize: 2, ...options })) return source;
    };
    const digits = arrayDataset({ images: { data: Uint8Array.from({ length: 32 }, (_, i) => i), shape: [2, 4, 4] } });
    const others = arrayDataset({ images: { data: new Uint8Array(32), shape: [2, 4, 4] } });
    const source = await sourceOf({});
    expect(source).toMatch(/^[0-9a-f]{64} /);
    expect(await sourceOf({ seed: 3, shuffle: true, batchSize: 1 })).toBe(source);
    for (const other of [
      sourceOf({ jitter: 1 }),
      sourceOf({ normalize: { mean: 0.5, std: 1 } }),
      sourceOf({}, others),
    ]) {
      expect(await other).not.toBe(source);
    }
  });

  it('has the fingerprint of another loader only if it gives the same batches', async () => {
    const digits = arrayDataset({ images: { data: new Uint8Array(32), shape: [2, 4, 4] } });
    const print = (options: Partial<DataLoaderOptions>) =>
      dataLoader(digits, { batchSize: 2, ...options }).fingerprint();
    expect(await print({})).toBe(await print({ seed: 0, shuffle: false }));
    const others = await Promise.all(
      [{ batchSize: 1 }, { shuffle: true }, { seed: 1 }, { dropLast: true }, { jitter: 1 }].map(print),
    );
    expect(new Set([...others, await print({})]).size).toBe(6);
  });
});
