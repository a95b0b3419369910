import { type Batch, type EncodedDataset, KdError } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { augmentation } from '../../augment/augmentation.ts';
import { createProcessor } from '../../processors/create-processor.ts';
import { countedReads, cut, pngDataset, pngPixels } from '../../testing/png-dataset.ts';
import { dataLoader, type NodeLoaderOptions } from '../data-loader.ts';

const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 16, width: 16 } });

async function collect(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

/** Bit for bit: toEqual takes one NaN for another, and looks at each of a million numbers. */
function expectSame(batches: readonly Batch[], expected: readonly Batch[]): void {
  const rest = (batch: Batch): Partial<Batch> => ({ ...batch, images: { ...batch.images, data: new Uint8Array() } });
  expect(batches.map(rest)).toEqual(expected.map(rest));
  batches.forEach(({ images: { data } }, n) => {
    const other = expected[n]!.images.data;
    expect(data.constructor).toBe(other.constructor);
    const bytes = (array: typeof data): Buffer => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    expect(bytes(data).equals(bytes(other))).toBe(true);
  });
}

describe('dataLoader with workers', () => {
  it.each<[string, Partial<NodeLoaderOptions>]>([
    ['float32', { processor }],
    ['uint8', { processor, output: 'uint8', shuffle: true }],
    ['RandAugment of the resized', { processor, augment: augmentation([{ type: 'randAugment' }]), shuffle: true }],
    [
      'crops of the decoded, without a processor, of few views',
      {
        augment: augmentation(
          [
            { type: 'randomResizedCrop', size: [9, 7] },
            { type: 'randomErasing', fill: 'noise' },
          ],
          {
            views: 3,
          },
        ),
        normalize: { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] },
      },
    ],
    ['jitter, and samples that come twice in a batch', { processor, jitter: 2, sampler: 'class-balanced' }],
    ['a processor from JSON', { processor: createProcessor(JSON.parse(JSON.stringify(processor.config))) }],
  ])('gives the very same batches: %s', async (_, options) => {
    const dataset = await pngDataset(23);
    const all = { batchSize: 5, seed: 9, ...options };
    const expected = await collect(dataLoader(dataset, { ...all, workers: 0 }).epoch(2));
    for (const more of [{ workers: 1 }, { workers: 3, prefetch: 0 }, { workers: 2, concurrency: 1, prefetch: 4 }]) {
      const loader = dataLoader(dataset, { ...all, ...more });
      expectSame(await collect(loader.epoch(2)), expected);
      expectSame(await collect(loader.epoch(2, 3)), expected.slice(3));
      expect(await loader.fingerprint()).toBe(await dataLoader(dataset, { ...all, workers: 0 }).fingerprint());
    }
  });

  it('takes images that have one size already', async () => {
    const dataset = await pngDataset(1);
    const options = { batchSize: 1, imageShape: pngPixels(0).shape, output: 'uint8', workers: 1 } as const;
    const [batch] = await collect(dataLoader(dataset, options));
    expect(batch!.images.data).toEqual(pngPixels(0).data);
    await expect(collect(dataLoader(dataset, { ...options, imageShape: [5, 5, 3] }))).rejects.toThrow(
      /sample 'leaf-0.png' \(index 0\): its pixels are of shape \[.*\], not of \[5,5,3\]; pass a processor/,
    );
  });

  it('goes on while a step keeps this thread busy', async () => {
    const dataset = await pngDataset(12);
    const readyAfterStep = async (workers: number): Promise<boolean> => {
      const loader = dataLoader(dataset, { batchSize: 4, processor, workers, concurrency: 1, prefetch: 1 });
      const batches = loader.epoch(0)[Symbol.asyncIterator]();
      await batches.next();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
      let ready = false;
      const next = batches.next().then(() => {
        ready = true;
      });
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      const found = ready;
      await next;
      await batches.return?.();
      return found;
    };
    await collect(dataLoader(dataset, { batchSize: 4, processor, workers: 1 })); // the thread has started
    expect(await readyAfterStep(1)).toBe(true);
    expect(await readyAfterStep(0)).toBe(false);
  });

  it('leaves objects and functions of one’s own to this thread', async () => {
    const dataset = await pngDataset(3);
    const white = new Uint8Array(16 * 16 * 3).fill(255);
    const resize = (): { data: Uint8Array; shape: number[] } => ({ data: white, shape: [16, 16, 3] });
    const flip = augmentation([{ type: 'horizontalFlip' }]);
    const options = { batchSize: 3, processor, output: 'uint8', workers: 2 } as const;
    for (const own of [
      { processor: { ...processor, resize } },
      { augment: { ...flip, applyView: resize } },
      { decode: async () => resize() },
    ]) {
      const [batch] = await collect(dataLoader(dataset, { ...options, ...own }));
      expect([...batch!.images.data].every((pixel) => pixel === 255)).toBe(true);
    }
  });

  it('takes no array that is shorter than its shape, whose rest would be anything', async () => {
    const dataset = await pngDataset(1);
    const decode = async (): Promise<{ data: Uint8Array; shape: number[] }> => ({
      data: new Uint8Array(7),
      shape: [5, 5, 3],
    });
    await expect(collect(dataLoader(dataset, { batchSize: 1, decode, imageShape: [5, 5, 3] }))).rejects.toThrow(
      "dataLoader: sample 'leaf-0.png' has 7 pixels in place of 75: its data is shorter than its shape",
    );
  });

  it.each([-1, 1.5, Number.NaN])('refuses %d of them', async (workers) => {
    const dataset = await pngDataset(1);
    expect(() => dataLoader(dataset, { batchSize: 1, processor, workers })).toThrow(
      `dataLoader: workers must be an integer >= 0, got ${workers}`,
    );
  });
});

describe('dataLoader with workers and images that cannot be read', () => {
  /** 6 and 10 are no images, 9 is no file. */
  async function broken(): Promise<EncodedDataset> {
    const dataset = await pngDataset(16, (index, bytes) => ([6, 10].includes(index) ? cut(bytes) : bytes));
    const read = async (index: number): Promise<Uint8Array> => {
      if (index === 9) throw new KdError('NOT_FOUND', 'read: leaf-9.png is gone', { path: 'leaf-9.png' });
      return dataset.read(index);
    };
    return { ...dataset, read, fingerprint: async () => 'broken' };
  }

  /** The messages of libvips lie in one place for all threads: which one an error gets is chance. */
  const withoutReason = (error: unknown): string => (error as Error).message.replace(/(cannot be decoded: ).*/, '$1');

  it('gives the batches before, then the error, as without workers', async () => {
    const run = async (workers: number, batches: Batch[]): Promise<unknown> => {
      try {
        const options = { batchSize: 3, processor, prefetch: 3, workers };
        for await (const batch of dataLoader(await broken(), options).epoch(0)) batches.push(batch);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const [expected, found]: [Batch[], Batch[]] = [[], []];
    const [here, there] = [(await run(0, expected)) as KdError, (await run(2, found)) as KdError];
    expect(found).toHaveLength(2);
    expectSame(found, expected);
    expect(there.message).toMatch(/^dataLoader: sample 'leaf-6.png' \(index 6\): decodeImage: /);
    expect(withoutReason(there)).toBe(withoutReason(here));
    expect([KdError.isInstance(there), there.code, there.details]).toEqual([true, here.code, here.details]);
    expect(withoutReason(there.cause)).toBe(withoutReason(here.cause));
  });

  it('leaves them out if told so, and says which', async () => {
    const options = { batchSize: 4, processor, onError: 'skip' } as const;
    const [here, there] = [
      dataLoader(await broken(), { ...options, workers: 0 }),
      dataLoader(await broken(), { ...options, workers: 2 }),
    ];
    expectSame(await collect(there.epoch(0)), await collect(here.epoch(0)));
    const plain = ({ skipped }: typeof here): unknown =>
      skipped.map((one) => ({ ...one, error: withoutReason(one.error) }));
    expect(plain(there)).toEqual(plain(here));
    expect(there.skipped.map(({ index, id, error }) => [index, id, KdError.isInstance(error) && error.code])).toEqual([
      [6, 'leaf-6.png', 'INVALID_DATA'],
      [9, 'leaf-9.png', 'NOT_FOUND'],
      [10, 'leaf-10.png', 'INVALID_DATA'],
    ]);
  });

  it.each(['throw', 'skip'] as const)('does not go on where nothing can be read: %s', async (onError) => {
    const dataset = await pngDataset(4);
    const read = async (): Promise<Uint8Array> => {
      throw new Error('gone');
    };
    const loader = dataLoader({ ...dataset, read }, { batchSize: 2, processor, onError, workers: 1 });
    const sample = "dataLoader: sample 'leaf-0.png' \\(index 0\\): gone$";
    const whole = `^dataLoader: none of the 4 images can be read. The first: ${sample}`;
    await expect(collect(loader)).rejects.toThrow(new RegExp(onError === 'skip' ? whole : `^${sample}`));
  });
});

describe('dataLoader with workers that is left', () => {
  it('reads no more, and no more than `concurrency` at a time', async () => {
    const dataset = await pngDataset(60);
    const slow = countedReads(dataset);
    const options = { batchSize: 4, processor, prefetch: 1, concurrency: 3, workers: 2 };
    for await (const _ of dataLoader(slow, options)) break;
    const count = dataset.reads.length;
    expect(count).toBeLessThanOrEqual(4 + 4 + 3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(dataset.reads.length).toBeLessThanOrEqual(count + 3);
    expect(slow.most()).toBe(3);
  });

  it('ends with the signal, also where an image never comes', async () => {
    const dataset = await pngDataset(20);
    const abort = new AbortController();
    let batches = 0;
    const run = async (): Promise<void> => {
      for await (const _ of dataLoader(dataset, { batchSize: 4, processor, workers: 2, signal: abort.signal })) {
        batches += 1;
        if (batches === 2) abort.abort(new Error('enough'));
      }
    };
    await expect(run()).rejects.toThrow('enough');
    expect(batches).toBe(2);
    const read = (index: number): Promise<Uint8Array> => (index < 6 ? dataset.read(index) : new Promise(() => {}));
    const never = { ...dataset, fingerprint: async () => 'never', read };
    const signal = AbortSignal.timeout(300);
    await expect(collect(dataLoader(never, { batchSize: 2, processor, workers: 2, signal }))).rejects.toThrow(
      'timeout',
    );
  });
});
