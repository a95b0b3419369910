import { KdError } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { type EncodedDatasetOptions, encodedDataset } from './encoded-dataset.ts';
import { streamSamples } from './stream-samples.ts';

const ids = ['a', 'b', 'c'];
const read = async (index: number): Promise<Uint8Array> => Uint8Array.of(index + 1);

describe('encodedDataset', () => {
  it('gives ids, labels and bytes; -1 is no label', async () => {
    const dataset = encodedDataset({ ids, labels: [1, -1, 0], read });
    expect([dataset.length, dataset.classNames, dataset.info(0), dataset.info(1)]).toEqual([
      3,
      ['0', '1'],
      { id: 'a', label: 1 },
      { id: 'b' },
    ]);
    expect(await dataset.read(2)).toEqual(Uint8Array.of(3));
  });

  it('has a fingerprint of ids, labels, class names and bytes, taken once', async () => {
    const options: EncodedDatasetOptions = { ids, labels: [0, 1, 0], classNames: ['x', 'y'], read };
    const dataset = encodedDataset(options);
    expect(dataset.fingerprint()).toBe(dataset.fingerprint());
    const others: EncodedDatasetOptions[] = [
      { ...options, ids: ['a', 'b', 'd'] },
      { ...options, labels: [0, 1, 1] },
      { ...options, classNames: ['y', 'x'] },
      { ...options, read: async (index) => Uint8Array.of(index + 2) },
      { ids, read },
    ];
    const prints = await Promise.all([options, ...others].map((each) => encodedDataset(each).fingerprint()));
    expect(prints[0]).toBe(await dataset.fingerprint());
    expect(new Set(prints).size).toBe(6);
  });

  it('has a fingerprint without the images that cannot be read, another one than with them', async () => {
    const broken = (error?: Error) => async (index: number) => {
      if (index === 1 && error) throw error;
      return new Uint8Array(index === 1 ? 0 : index + 1);
    };
    const printOf = (each: EncodedDatasetOptions['read']) => encodedDataset({ ids, read: each }).fingerprint();
    const empty = await printOf(broken());
    expect(await printOf(broken(new Error('no such file')))).toBe(empty);
    expect(await printOf(read)).not.toBe(empty);
    await expect(printOf(async () => new Uint8Array())).rejects.toThrow("'a' of images has no bytes");
  });

  it('asks again for a fingerprint that could not be had', async () => {
    let isDown = true;
    const dataset = encodedDataset({
      ids,
      read: async (index) => {
        if (isDown && index === 2) throw new KdError('UNAVAILABLE', 'the server does not answer');
        return read(index);
      },
    });
    await expect(dataset.fingerprint()).rejects.toThrow('the server does not answer');
    isDown = false;
    expect(await dataset.fingerprint()).toBe(await encodedDataset({ ids, read }).fingerprint());
  });

  it.each<[string, Partial<EncodedDatasetOptions>, string]>([
    ['no images', { ids: [] }, 'train: holds no images'],
    ['an id that stands twice', { ids: ['a', 'b', 'a'] }, "train: id 'a' stands twice, at rows 0 and 2"],
    ['labels of others', { labels: [0] }, 'train: 3 images and 1 labels'],
    [
      'a label that is no class',
      { labels: [0, 2, 1], classNames: ['x', 'y'] },
      "label 2 of 'b' (row 1) is not in [0, 2)",
    ],
    ['a label below', { labels: [0, 0, -2] }, "label -2 of 'c' (row 2) is not in [0, 1)"],
    ['a label that is not whole', { labels: [0, 0.5, 0] }, "label 0.5 of 'b' (row 1)"],
    ['labels that are something else', { labels: [0, 0, 1e12] }, '1000000000000 is no label'],
  ])('refuses %s', (_, options, message) => {
    expect(() => encodedDataset({ ids, read, name: 'train', ...options })).toThrow(message);
  });

  it('refuses an image without bytes, and an index that is none', async () => {
    const dataset = encodedDataset({ ids, read: async () => new Uint8Array(), name: 'train' });
    await expect(dataset.read(1)).rejects.toThrow("dataset.read(1): 'b' of train has no bytes");
    await expect(dataset.read(3)).rejects.toThrow('dataset.read: index must be an integer in [0, 3), got 3');
    expect(() => dataset.info(-1)).toThrow('dataset.info: index must be an integer in [0, 3), got -1');
  });
});

describe('streamSamples', () => {
  const many = Array.from({ length: 50 }, (_, i) => `${i}`);

  it('gives all in order, and reads only so far ahead', async () => {
    let most = 0;
    let given = 3;
    const dataset = encodedDataset({
      ids: many,
      read: async (index) => {
        most = Math.max(most, index - given);
        await new Promise((done) => setTimeout(done, (index * 7) % 5));
        return Uint8Array.of(index + 1);
      },
    });
    const seen: number[] = [];
    for await (const { index, id, bytes } of streamSamples(dataset, { start: 3, readAhead: 6 })) {
      expect([id, bytes[0]]).toEqual([`${index}`, index + 1]);
      seen.push(index);
      given = index;
    }
    expect(seen).toEqual(many.slice(3).map(Number));
    expect(most).toBe(6);
  });

  it('throws for an image in its place, and reads no further when it is left', async () => {
    let reads = 0;
    const dataset = encodedDataset({
      ids: many,
      read: async (index) => {
        reads += 1;
        return new Uint8Array(index === 4 ? 0 : 1);
      },
    });
    const seen: string[] = [];
    const all = async (): Promise<void> => {
      for await (const { id } of streamSamples(dataset)) seen.push(id);
    };
    await expect(all()).rejects.toThrow("dataset.read(4): '4'");
    expect([seen.length, reads]).toEqual([4, 20]);
    await expect(streamSamples(dataset, { readAhead: 0 }).next()).rejects.toThrow('readAhead must be an integer >= 1');
  });
});
