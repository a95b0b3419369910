import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, open, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { encodedDataset } from '../encoded-dataset.ts';
import { filterClasses } from '../filter-classes.ts';
import { createProcessor } from '../processors/create-processor.ts';
import { cut, pngDataset, pngPixels } from '../testing/png-dataset.ts';
import { dataLoader } from './data-loader.ts';
import { type ProcessingProgress, processedDataset } from './processed-dataset.ts';

const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 32, width: 24 } });
const execute = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url)); // where tsx is
const folders = mkdtempSync(join(tmpdir(), 'kd-processed-'));
const newFolder = (): string => mkdtempSync(join(folders, 'cache-'));
afterAll(() => rmSync(folders, { recursive: true }));

describe('processedDataset', () => {
  it('holds the pixels that the processor makes, in the order of the images', async () => {
    const encoded = await pngDataset(40);
    const dataset = await processedDataset(encoded, processor, { cacheDir: newFolder() });
    expect([dataset.length, dataset.imageShape, dataset.classNames]).toEqual([40, [32, 24, 3], encoded.classNames]);
    for (const index of [39, 0, 17, 17, 3]) {
      expect(dataset.get(index)).toEqual({
        id: `leaf-${index}.png`,
        label: index % 3,
        image: processor.resize(pngPixels(index)),
      });
    }
    expect(filterClasses(dataset, [2]).get(1).id).toBe('leaf-5.png');
    expect(() => dataset.get(40)).toThrow('dataset.get: index must be an integer in [0, 40), got 40');
    dataset.close();
    expect(() => dataset.get(0)).toThrow('processedDataset: the dataset is closed');
  });

  it('gives the loader the batches that the images themselves give', async () => {
    const encoded = await pngDataset(20);
    const dataset = await processedDataset(encoded, processor, { cacheDir: newFolder() });
    const options = { batchSize: 8, shuffle: true, seed: 3 };
    const cold = await collect(dataLoader(encoded, { ...options, processor }));
    const cached = await collect(dataLoader(dataset, { ...options, processor }));
    expect(cached.map(({ source: _source, ...batch }) => batch)).toEqual(
      cold.map(({ source: _source, ...batch }) => batch),
    );
    dataset.close();
  });

  it('is made once, and again for other data or another processor', async () => {
    const cacheDir = newFolder();
    const encoded = await pngDataset(10);
    const made: ProcessingProgress[] = [];
    const openAgain = async (data = encoded, prepare = processor): Promise<string> => {
      const dataset = await processedDataset(data, prepare, {
        cacheDir,
        onProgress: (progress) => made.push(progress),
      });
      dataset.close();
      return dataset.fingerprint();
    };
    const first = await openAgain();
    expect(made.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(made.at(-1)).toMatchObject({ total: 10, secondsLeft: 0 });
    expect(made.every(({ imagesPerSecond }) => imagesPerSecond > 0)).toBe(true);
    expect(await openAgain()).toBe(first);
    expect(made).toHaveLength(10);
    const other = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 32, width: 32 } });
    const prints = [first, await openAgain(encoded, other), await openAgain(await pngDataset(11))];
    expect(new Set(prints).size).toBe(3);
    expect(made).toHaveLength(10 + 10 + 11);
    expect(await readdir(cacheDir)).toHaveLength(3);
  });

  it('is a file that Arrow libraries read', async () => {
    const encoded = await pngDataset(5);
    const dataset = await processedDataset(encoded, processor, { cacheDir: newFolder() });
    const table = tableFromIPC(await readFile(join(dataset.path, 'images-00000.arrow')));
    expect(table.schema.metadata.get('shape')).toBe('[32,24,3]');
    for (const [index, row] of table.toArray().entries()) {
      expect(row.id).toBe(`leaf-${index}.png`);
      expect(row.label).toBe(index % 3);
      expect(row.image).toEqual(dataset.get(index).image.data);
    }
    dataset.close();
  });

  it('spreads many images over shards', async () => {
    const large = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 1500, width: 1500 } });
    const encoded = await pngDataset(11); // 6.75 MB each, four to a shard of 32 MiB
    const dataset = await processedDataset(encoded, large, { cacheDir: newFolder() });
    expect((await readdir(dataset.path)).sort()).toEqual([
      'images-00000.arrow',
      'images-00001.arrow',
      'images-00002.arrow',
      'manifest.json',
    ]);
    for (const index of [0, 3, 4, 10]) {
      const { id, image } = dataset.get(index);
      expect(id).toBe(`leaf-${index}.png`);
      expect(Buffer.compare(image.data as Uint8Array, large.resize(pngPixels(index)).data as Uint8Array)).toBe(0);
    }
    dataset.close();
  });
});

describe('a processed cache that is damaged', () => {
  it.each<[string, string, (path: string) => Promise<void>]>([
    [
      'a byte of a shard',
      'images-00000.arrow is damaged',
      async (path) => flip(join(path, 'images-00000.arrow'), 5000),
    ],
    [
      'a cut shard',
      'images-00000.arrow has 100 bytes',
      async (path) => truncate(join(path, 'images-00000.arrow'), 100),
    ],
    ['a byte of the manifest', 'manifest.json is damaged', async (path) => flip(join(path, 'manifest.json'), 200)],
    ['an empty manifest', 'JSON', async (path) => writeFile(join(path, 'manifest.json'), '')],
  ])('is made again: %s', async (_, why, damage) => {
    const cacheDir = newFolder();
    const encoded = await pngDataset(6);
    const first = await processedDataset(encoded, processor, { cacheDir });
    const expected = first.get(4);
    first.close();
    await damage(first.path);
    const messages: string[] = [];
    const again = await processedDataset(encoded, processor, { cacheDir, onMessage: (text) => messages.push(text) });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(/^processedDataset: the cache .* is made again: /);
    expect(messages[0]).toContain(why);
    expect(again.get(4)).toEqual(expected);
    again.close();
  });

  it('looks at the sizes only, if told so', async () => {
    const cacheDir = newFolder();
    const encoded = await pngDataset(6);
    const first = await processedDataset(encoded, processor, { cacheDir });
    first.close();
    await flip(join(first.path, 'images-00000.arrow'), 5000);
    const messages: string[] = [];
    const onMessage = (text: string): void => void messages.push(text);
    (await processedDataset(encoded, processor, { cacheDir, verify: 'sizes', onMessage })).close();
    expect(messages).toEqual([]);
  });
});

describe('making a processed cache', () => {
  it('leaves nothing behind if an image cannot be read, and names it', async () => {
    const cacheDir = newFolder();
    const encoded = await pngDataset(10, (index, bytes) => (index === 7 ? cut(bytes) : bytes));
    await expect(processedDataset(encoded, processor, { cacheDir })).rejects.toThrow(/sample 'leaf-7.png' \(index 7\)/);
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('leaves out what cannot be read, if told so, and says what', async () => {
    const encoded = await pngDataset(10, (index, bytes) => (index % 4 === 1 ? cut(bytes) : bytes));
    const cacheDir = newFolder();
    for (const _ of ['made', 'opened']) {
      const dataset = await processedDataset(encoded, processor, { cacheDir, onError: 'skip' });
      expect(dataset.length).toBe(7);
      expect(dataset.skipped.map(({ id }) => id)).toEqual(['leaf-1.png', 'leaf-5.png', 'leaf-9.png']);
      expect(dataset.get(3)).toMatchObject({ id: 'leaf-4.png', label: 1, image: processor.resize(pngPixels(4)) });
      dataset.close();
    }
    const broken = await pngDataset(2, (_, bytes) => cut(bytes));
    await expect(processedDataset(broken, processor, { cacheDir, onError: 'skip' })).rejects.toThrow(
      'processedDataset: none of 2 images can be read',
    );
  });

  it('ends with the signal', async () => {
    const cacheDir = newFolder();
    const encoded = await pngDataset(30);
    const abort = new AbortController();
    const onProgress = ({ done }: ProcessingProgress): void => (done === 5 ? abort.abort() : undefined);
    const making = processedDataset(encoded, processor, { cacheDir, onProgress, signal: abort.signal });
    await expect(making).rejects.toThrow('aborted');
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('does not wait for an image that never comes', async () => {
    const cacheDir = newFolder();
    const dataset = await pngDataset(4);
    const never = { ...dataset, read: () => new Promise<Uint8Array>(() => {}) };
    for (const fingerprint of [async () => 'f', encodedDataset({ ids: ['a'], read: never.read }).fingerprint]) {
      const making = processedDataset({ ...never, fingerprint }, processor, {
        cacheDir,
        signal: AbortSignal.timeout(50),
      });
      await expect(making).rejects.toThrow('timeout');
    }
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('several times at once gives one whole cache, also in place of a damaged one', async () => {
    const encoded = await pngDataset(6);
    for (let round = 0; round < 12; round++) {
      const cacheDir = newFolder();
      if (round % 2 === 1) {
        const { path, close } = await processedDataset(encoded, processor, { cacheDir });
        close();
        await flip(join(path, 'images-00000.arrow'), 1000);
      }
      const made = Array.from({ length: 4 }, () => processedDataset(encoded, processor, { cacheDir }));
      for (const dataset of await Promise.all(made)) {
        expect(dataset.get(5).image).toEqual(processor.resize(pngPixels(5)));
        dataset.close();
      }
      expect(await readdir(cacheDir)).toHaveLength(1);
    }
  });
});

it('is whole when several processes make it at once', async () => {
  const cacheDir = newFolder();
  const program = fileURLToPath(new URL('../testing/make-cache.ts', import.meta.url));
  const run = () =>
    execute(process.execPath, ['--conditions=@kd/source', '--import', 'tsx', program, cacheDir], { cwd: ROOT });
  const printed = (await Promise.all([run(), run(), run()])).map(({ stdout }) => stdout);
  let sum = 0;
  for (let index = 0; index < 60; index++) {
    for (const pixel of processor.resize(pngPixels(index)).data) sum += pixel;
  }
  expect(printed).toEqual([`${sum}`, `${sum}`, `${sum}`]);
  expect(await readdir(cacheDir)).toHaveLength(1);
});

it('removes what a killed process has left, and nothing of one that runs', async () => {
  const cacheDir = newFolder();
  const program = fileURLToPath(new URL('../testing/make-cache.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@kd/source', '--import', 'tsx', program, cacheDir, 'slowly'], {
    cwd: ROOT,
  });
  const ended = once(child, 'exit');
  await vi.waitFor(async () => expect(await readdir(cacheDir)).toHaveLength(1), 20_000);
  const [left] = await readdir(cacheDir);
  expect(left).toMatch(/^\./);
  const elsewhere = left!.replace(/[0-9a-f]{8}-/, '00000000-'); // another machine's
  await mkdir(join(cacheDir, elsewhere));

  const encoded = await pngDataset(3);
  const first = await processedDataset(encoded, processor, { cacheDir });
  expect(await readdir(cacheDir)).toContain(left); // it is still at it
  child.kill('SIGKILL');
  await ended;
  const second = await processedDataset(encoded, createProcessor({ ...processor.config, size: 16 }), { cacheDir });
  expect((await readdir(cacheDir)).sort()).toEqual([
    elsewhere,
    ...[first, second].map(({ path }) => basename(path)).sort(),
  ]);
  for (const dataset of [first, second]) dataset.close();
}, 30_000);

async function flip(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, position);
  byte[0]! ^= 1;
  await file.write(byte, 0, 1, position);
  await file.close();
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
