import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { EncodedDataset } from '@kd/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type HubServer, startHubServer } from '../../../core/src/node/hub/testing/hub-server.ts';
import { idxBytes } from '../testing/idx-bytes.ts';
import { expected, parquetBytes, tablePath } from '../testing/tables.ts';
import { folderDataset } from './folder-dataset.ts';
import { loadDataset } from './load-dataset.ts';

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);
const sharedData = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd sets '));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Record<string, Uint8Array | string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** A table of `count` images with the labels 0, 1, 0, … */
function table(count: number, from = 0, classNames: readonly string[] | null = ['a', 'b']): Uint8Array {
  const rows = Array.from({ length: count }, (_, row) => from + row);
  return parquetBytes({
    images: rows.map((row) => Uint8Array.of(...JPEG, row)),
    labels: rows.map((row) => row % 2),
    paths: rows.map((row) => `${row}.jpg`),
    ...(classNames && { classNames }),
  });
}

const lengths = ({ splits }: { splits: Readonly<Record<string, { length: number }>> }): Record<string, number> =>
  Object.fromEntries(Object.entries(splits).map(([split, { length }]) => [split, length]));
const labelsOf = (dataset: EncodedDataset | undefined): (number | undefined)[] =>
  Array.from({ length: dataset?.length ?? 0 }, (_, index) => dataset!.info(index).label);

describe('beans', () => {
  it('is the same from a folder and from Parquet: samples, ids, labels, bytes', async (context) => {
    const folderOfAll = join(sharedData, 'beans');
    const there = await readFile(join(sharedData, 'README.md')).catch(() => undefined);
    if (!there) context.skip(`${sharedData} is not there`);
    const folders = await loadDataset('beans', { source: folderOfAll });
    const parquet = await loadDataset('beans', { source: join(sharedData, 'beans_parquet') });
    for (const beans of [folders, parquet]) {
      expect(beans.classNames).toEqual(['angular_leaf_spot', 'bean_rust', 'healthy']);
      expect(lengths(beans)).toEqual({ train: 1034, validation: 133, test: 128 });
      expect(`${beans}`).toContain(
        [
          'split       samples  angular_leaf_spot  bean_rust  healthy',
          'train          1034                345        348      341',
          'validation      133                 44         45       44',
          'test            128                 43         43       42',
        ].join('\n'),
      );
    }
    for (const split of ['train', 'validation', 'test'] as const) {
      const [a, b] = [folders[split], parquet[split]];
      for (let index = 0; index < a.length; index++) {
        expect(b.info(index)).toEqual(a.info(index));
        const bytes = Buffer.from(await a.read(index));
        expect(bytes.equals(await b.read(index))).toBe(true);
        expect(bytes.equals(await readFile(join(folderOfAll, a.info(index).id)))).toBe(true);
      }
      expect(await b.fingerprint()).toBe(await a.fingerprint());
    }
  });

  it('has ids from the split on, wherever the publisher had it, and refuses another set', async () => {
    const rows = expected.rows.map(({ path }) => path.slice('/extracted/'.length));
    const { train } = await loadDataset('beans', { source: [tablePath('datasets.parquet')] });
    expect(Array.from({ length: train.length }, (_, index) => train.info(index).id)).toEqual(rows);
    await write({ 'train/0.parquet': table(2) });
    await expect(loadDataset('beans', { source: folder })).rejects.toThrow(
      'loadDataset: beans has the classes [angular_leaf_spot, bean_rust, healthy], the source has [a, b]',
    );
  });
});

describe('loadDataset of a folder', () => {
  it('reads splits of images, labels the same in each, though a class is missing in one', async () => {
    await write({
      'train/a/1.jpg': JPEG,
      'train/b/1.jpg': JPEG,
      'train/c/1.jpg': JPEG,
      'val/c/1.jpg': JPEG,
      'test/b/1.jpg': JPEG,
      'README.md': 'x',
    });
    const set = await loadDataset(folder);
    expect([set.classNames, lengths(set)]).toEqual([['a', 'b', 'c'], { train: 3, validation: 1, test: 1 }]);
    expect([labelsOf(set.train), labelsOf(set.validation), labelsOf(set.test)]).toEqual([[0, 1, 2], [2], [1]]);
    expect(set.validation!.classNames).toEqual(['a', 'b', 'c']);
    expect(set.validation!.info(0).id).toBe('val/c/1.jpg');
    expect(inspect(set)).toBe(`${set}`);
    const { train, test } = await loadDataset(folder, { only: ['test'] });
    expect([train, labelsOf(test)]).toEqual([undefined, [1]]); // the classes are those of all splits
    await expect(loadDataset(folder, { only: ['tset'] })).rejects.toThrow("has no split 'tset'; it has train");
  });

  it('lets a class be missing from a split, and not from all', async () => {
    await write({ 'train/a/1.jpg': JPEG, 'train/b/1.jpg': JPEG, 'val/a/.keep': '', 'val/b/1.jpg': JPEG });
    const set = await loadDataset(folder);
    expect([set.classNames, labelsOf(set.validation)]).toEqual([['a', 'b'], [1]]);
    await write({ 'val/c/.keep': '' });
    await expect(loadDataset(folder)).rejects.toThrow('loadDataset: no image is in the folder [val/c], beside folders');
  });

  it('takes all as train where nothing says otherwise, and metadata for its split', async () => {
    await write({ 'x/1.jpg': JPEG, 'y/1.jpg': JPEG });
    expect(lengths(await loadDataset(folder))).toEqual({ train: 2 });
    await write({
      'train/1.jpg': JPEG,
      'test/2.jpg': JPEG,
      'metadata.csv': 'file_name,label\ntrain/1.jpg,x\ntest/2.jpg,y\n',
    });
    const set = await loadDataset(folder);
    expect([set.classNames, labelsOf(set.train), labelsOf(set.test)]).toEqual([['x', 'y'], [0], [1]]);
  });

  it('does not take classes for splits, nor splits for classes', async () => {
    await write({ 'car/1.jpg': JPEG, 'train/1.jpg': JPEG, 'bus/1.jpg': JPEG });
    await expect(loadDataset(folder)).rejects.toThrow(
      `loadDataset: ${folder}: the folders [train] are called as splits, and 'bus/1.jpg' is in none of them`,
    );
    expect(lengths(await loadDataset(folder, { only: ['train'] }))).toEqual({ train: 1 });
    expect((await folderDataset(folder)).classNames).toEqual(['bus', 'car', 'train']);
    await rm(join(folder, 'car'), { recursive: true });
    await rm(join(folder, 'bus'), { recursive: true });
    await write({ 'train/x/1.jpg': JPEG, 'test/x/1.jpg': JPEG });
    await expect(folderDataset(folder)).rejects.toThrow('its folders are called as splits, [test, train]');
    const classNames = ['test', 'train'];
    expect((await folderDataset(folder, { classNames })).classNames).toEqual(classNames);
  });

  it('reads unlabelled images', async () => {
    await write({ 'train/1.jpg': JPEG, 'train/2.jpg': JPEG });
    const set = await loadDataset(folder);
    expect([set.classNames, labelsOf(set.train)]).toEqual([[], [undefined, undefined]]);
    expect(`${set}`).toContain('classes  none');
  });

  it('reads Parquet files, in names or folders of splits', async () => {
    await write({
      'data/train-00000-of-00002.parquet': table(3),
      'data/train-00001-of-00002.parquet': table(2, 3),
      'data/extra-00000-of-00001.parquet': table(1, 9),
    });
    const set = await loadDataset(folder);
    expect(lengths(set)).toEqual({ train: 5, extra: 1 });
    expect(set.train!.info(4)).toEqual({ id: '4.jpg', label: 0 });
    // The folder's own name says nothing, and a file or a list of files will do.
    const place = join(folder, 'test');
    await mkdir(place);
    await cp(join(folder, 'data', 'train-00000-of-00002.parquet'), join(place, 'all.parquet'));
    expect(lengths(await loadDataset('mine', { source: join(place, 'all.parquet') }))).toEqual({ train: 3 });
    const source = { a: [join(place, 'all.parquet')], b: [tablePath('beans-train.arrow')] };
    await expect(loadDataset('mine', { source })).rejects.toThrow(
      'loadDataset: split \'b\' has classes ["angular_leaf_spot","bean_rust","healthy"], \'a\' has ["a","b"]',
    );
    await expect(loadDataset('mine', { source: [join(folder, 'a.csv')] })).rejects.toThrow(
      'is no Parquet or Arrow file',
    );
  });

  it('reads what save_to_disk wrote', async () => {
    const set = await loadDataset(tablePath('saved'));
    expect(lengths(set)).toEqual({ train: 15, holdout: 8 });
    expect(set.columns).toEqual({ image_file_path: 'string', image: 'Image', labels: 'ClassLabel' });
  });

  it('refuses two folders for one split, and a loop is no trouble', async () => {
    await write({ 'train/a/1.jpg': JPEG });
    await symlink('.', join(folder, 'loop'));
    expect(lengths(await loadDataset(folder))).toEqual({ train: 1 });
    await write({ 'training/a/1.jpg': JPEG });
    await expect(loadDataset(folder)).rejects.toThrow("are 'train' and 'training' both train?");
  });
});

describe('loadDataset of arrays', () => {
  it('reads Fashion-MNIST under its names, and asks for a folder', async () => {
    for (const [stem, samples] of [
      ['train', 6],
      ['t10k', 4],
    ] as const) {
      await write({
        [`${stem}-images-idx3-ubyte`]: idxBytes([samples, 3, 3]),
        [`${stem}-labels-idx1-ubyte`]: idxBytes([samples]),
      });
    }
    const { train, test, classNames } = await loadDataset('fashion-mnist', { source: folder });
    expect([train.length, test.length, classNames[0]]).toEqual([6, 4, 'T-shirt/top']);
    await expect(loadDataset('cifar10')).rejects.toThrow(
      "loadDataset: 'cifar10' needs { source: folder } with its files; from the Hub it is loadDataset('uoft-cs/cifar10')",
    );
  });
});

describe('loadDataset from the Hub', () => {
  const [MAIN, CONVERTED] = ['1'.repeat(40), '2'.repeat(40)];
  let hub: HubServer;
  beforeEach(async () => {
    for (const name of [
      'HF_TOKEN',
      'HUGGING_FACE_HUB_TOKEN',
      'HF_HUB_OFFLINE',
      'TRANSFORMERS_OFFLINE',
      'HF_HUB_CACHE',
    ]) {
      vi.stubEnv(name, undefined);
    }
    vi.stubEnv('HF_HOME', folder);
    hub = await startHubServer();
    vi.stubEnv('HF_ENDPOINT', hub.url);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await hub.close();
  });
  const publish = (id: string, files: Record<string, Uint8Array>, converted: Record<string, Uint8Array> = {}): void => {
    hub.repos[id] = {
      refs: { main: MAIN, ...(Object.keys(converted).length > 0 && { 'refs/convert/parquet': CONVERTED }) },
      files: { [MAIN]: files, [CONVERTED]: converted },
    };
  };
  const downloads = (): number => hub.seen.filter(({ method, from }) => method === 'GET' && from === 'cdn').length;

  it('downloads beans once, into the cache that Python uses, and then needs no network', async () => {
    const bytes = new Uint8Array(await readFile(tablePath('datasets.parquet')));
    publish('AI-Lab-Makerere/beans', {
      'README.md': new Uint8Array(10),
      'data/train-00000-of-00001.parquet': bytes,
      'data/validation-00000-of-00001.parquet': bytes,
      'data/test-00000-of-00001.parquet': bytes,
    });
    const beans = await loadDataset('beans');
    expect(lengths(beans)).toEqual({ train: 23, validation: 23, test: 23 });
    expect([beans.classNames, beans.train.info(1)]).toEqual([
      expected.classNames,
      { id: 'train/bean_rust/1.jpg', label: 1 },
    ]);
    expect(await readFile(join(folder, 'hub/datasets--AI-Lab-Makerere--beans/refs/main'), 'utf8')).toBe(MAIN);
    expect(downloads()).toBe(1); // equal content comes once
    hub.answerAll(503);
    expect(lengths(await loadDataset('beans', { offline: true }))).toEqual({ train: 23, validation: 23, test: 23 });
    expect(downloads()).toBe(1);
  });

  it('downloads only the splits that are asked for', async () => {
    publish('org/set', { 'train/0000.parquet': table(40), 'test/0000.parquet': table(30) });
    expect(lengths(await loadDataset('org/set', { only: ['test'] }))).toEqual({ test: 30 });
    expect(downloads()).toBe(1);
    publish('org/numbers', { 'train/0000.parquet': table(40, 0, null), 'test/0000.parquet': table(30, 0, null) });
    await expect(loadDataset('org/numbers', { only: ['test'] })).rejects.toThrow(
      "the files of 'org/numbers' do not name their classes, and split 'test' alone may not have all",
    );
    expect((await loadDataset('org/numbers', { only: ['test'], classNames: ['a', 'b', 'c'] })).classNames).toHaveLength(
      3,
    );
  });

  it("takes the Hub's own conversion of sets that are no Parquet, offline too", async () => {
    const converted = {
      'default/train/0000.parquet': table(30),
      'default/train/0001.parquet': table(31, 30),
      'default/test/0000.parquet': table(32),
    };
    publish('org/images', { 'images.zip': new Uint8Array(20) }, converted);
    expect(lengths(await loadDataset('org/images'))).toEqual({ train: 61, test: 32 });
    hub.answerAll(503);
    expect(lengths(await loadDataset('org/images', { offline: true }))).toEqual({ train: 61, test: 32 });
  });

  it('asks which configuration, and says what is missing', async () => {
    publish('org/many', { 'x/train-00000-of-00001.parquet': table(30), 'y/train-00000-of-00001.parquet': table(31) });
    await expect(loadDataset('org/many')).rejects.toThrow(
      "loadDataset: 'org/many' has several configurations; pass { config }, one of x, y",
    );
    expect(lengths(await loadDataset('org/many', { config: 'y' }))).toEqual({ train: 31 });
    await expect(loadDataset('org/many', { config: 'z' })).rejects.toThrow("has no configuration 'z'");
    publish('org/zip', { 'images.zip': new Uint8Array(20) });
    await expect(loadDataset('org/zip')).rejects.toThrow(
      "loadDataset: 'org/zip' has no Parquet files, and the Hub has made none of it",
    );
    publish('org/part', {}, { 'default/partial-train/0000.parquet': table(30) });
    await expect(loadDataset('org/part')).rejects.toThrow("converted only the first part of 'org/part'");
    await expect(loadDataset('org/nothing')).rejects.toThrow(/org\/nothing/);
    await expect(loadDataset('no such folder')).rejects.toThrow("'no such folder' is neither a folder here nor");
  });
});
