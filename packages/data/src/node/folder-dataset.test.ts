import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { EncodedDataset } from '@kd/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expected } from '../testing/tables.ts';
import { folderDataset } from './folder-dataset.ts';

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd folder '));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Record<string, Uint8Array | string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

const infos = (dataset: EncodedDataset): [string, number | undefined][] =>
  Array.from({ length: dataset.length }, (_, index) => {
    const { id, label } = dataset.info(index);
    return [id, label];
  });

describe('folderDataset of class folders', () => {
  it("has torchvision's order and labels, with names of all kinds", async () => {
    const { classes, samples } = expected.imagefolder;
    await write(Object.fromEntries(samples.map(([path]) => [path, JPEG])));
    const dataset = await folderDataset(folder);
    expect(dataset.classNames).toEqual(classes);
    expect(infos(dataset)).toEqual(samples);
  });

  it('knows images by content where the name does not say so, and leaves out the rest', async () => {
    await write({
      'a/no-extension': JPEG,
      'a/photo.JPEG': 'damaged, but called an image',
      'a/notes.txt': 'BM is how a text may start',
      'a/.hidden.jpg': JPEG,
      'a/wrong.txt': Uint8Array.of(0x89, ...new TextEncoder().encode('PNG\r\n'), 26, 10),
      '.git/1.jpg': JPEG,
      '__MACOSX/1.jpg': JPEG,
      'Thumbs.db': 'x',
      'b/1.jpg': JPEG,
    });
    const dataset = await folderDataset(folder);
    expect(dataset.classNames).toEqual(['a', 'b']);
    expect(infos(dataset).map(([id]) => id)).toEqual(['a/no-extension', 'a/photo.JPEG', 'a/wrong.txt', 'b/1.jpg']);
  });

  it('refuses a class without images, which would shift the labels behind it', async () => {
    await write({ 'a/1.jpg': JPEG, 'b/notes.txt': 'to be photographed', 'c/.hidden.jpg': JPEG, 'd/1.jpg': JPEG });
    await expect(folderDataset(folder)).rejects.toThrow(
      `folderDataset: ${folder}: no image is in the folders [b, c], beside folders of classes: fill or remove it, or ` +
        'pass { classNames } to say what the classes are',
    );
    const dataset = await folderDataset(folder, { classNames: ['a', 'b', 'c', 'd'] });
    expect(infos(dataset)).toEqual([
      ['a/1.jpg', 0],
      ['d/1.jpg', 3],
    ]);
    await expect(folderDataset(folder, { labelColumn: false })).resolves.toHaveLength(2);
  });

  it('takes the classes that it is told, and refuses others', async () => {
    await write({ 'a/1.jpg': JPEG, 'c/1.jpg': JPEG });
    const dataset = await folderDataset(folder, { classNames: ['c', 'b', 'a'] });
    expect(infos(dataset)).toEqual([
      ['a/1.jpg', 2],
      ['c/1.jpg', 0],
    ]);
    await expect(folderDataset(folder, { classNames: ['a', 'b'] })).rejects.toThrow(
      `folderDataset: ${folder}: 'c/1.jpg' is in a folder 'c', which is not one of the classes [a, b]`,
    );
  });

  it('follows links, passes over loops, and refuses a folder that is there twice', async () => {
    await write({ 'a/1.jpg': JPEG, 'b/2.jpg': JPEG });
    await symlink('..', join(folder, 'a', 'up'));
    await symlink('1.jpg', join(folder, 'a', 'linked.jpg'));
    await symlink('nowhere.jpg', join(folder, 'b', 'lost.jpg'));
    const dataset = await folderDataset(folder);
    expect(infos(dataset).map(([id]) => id)).toEqual(['a/1.jpg', 'a/linked.jpg', 'b/2.jpg', 'b/lost.jpg']);
    await expect(dataset.read(3)).rejects.toThrow(`folderDataset: cannot read ${join(folder, 'b/lost.jpg')}: ENOENT`);
    await symlink('a', join(folder, 'c'));
    await expect(folderDataset(folder)).rejects.toThrow(
      `folderDataset: ${join(folder, 'a')} and ${join(folder, 'c')} are the same folder; remove one of the links`,
    );
  });

  it('has a fingerprint of names, labels and content', async () => {
    await write({ 'a/1.jpg': JPEG, 'b/2.jpg': JPEG });
    const print = async (options = {}): Promise<string> => (await folderDataset(folder, options)).fingerprint();
    const before = await print();
    expect(await print()).toBe(before);
    const others = [await print({ labelColumn: false }), await print({ classNames: ['b', 'a'] })];
    await write({ 'a/1.jpg': Uint8Array.of(...JPEG, 1) });
    others.push(await print());
    await rm(join(folder, 'a/1.jpg'));
    await write({ 'a/3.jpg': JPEG });
    others.push(await print());
    expect(new Set([before, ...others]).size).toBe(5);
  });

  it('refuses what is unclear or not there', async () => {
    await expect(folderDataset(join(folder, 'none'))).rejects.toThrow(/^folderDataset: cannot read .*none: ENOENT/);
    await expect(folderDataset(folder)).rejects.toThrow(`folderDataset: ${folder}: holds no images`);
    await write({ 'a/1.jpg': JPEG, 'loose.jpg': JPEG });
    await expect(folderDataset(folder)).rejects.toThrow(
      `folderDataset: ${folder}: holds both folders of classes and the image 'loose.jpg' beside them`,
    );
    expect((await folderDataset(folder, { labelColumn: false })).classNames).toEqual([]);
    await write({ 'loose.jpg': '' });
    const unlabelled = await folderDataset(folder, { labelColumn: false });
    await expect(unlabelled.read(0)).rejects.toThrow(`dataset.read(0): 'loose.jpg' of ${folder} has no bytes`);
  });
});

it('folderDataset of loose images is unlabelled', async () => {
  await write({ 'b.jpg': JPEG, 'a.jpg': JPEG });
  const dataset = await folderDataset(folder);
  expect([dataset.classNames, infos(dataset)]).toEqual([
    [],
    [
      ['a.jpg', undefined],
      ['b.jpg', undefined],
    ],
  ]);
});

describe('folderDataset with metadata', () => {
  it('takes images, order and labels from metadata.csv', async () => {
    await write({
      'metadata.csv': 'file_name,label,note\n2.jpg,rust,"a, b"\nsub/1.jpg,healthy,\n3.jpg,,x\n',
      '2.jpg': JPEG,
      'sub/1.jpg': JPEG,
      '3.jpg': JPEG,
      'not-named.jpg': JPEG,
    });
    const dataset = await folderDataset(folder);
    expect(dataset.classNames).toEqual(['healthy', 'rust']);
    expect(infos(dataset)).toEqual([
      ['2.jpg', 1],
      ['sub/1.jpg', 0],
      ['3.jpg', undefined],
    ]);
  });

  it('takes numbers, other columns, and metadata.jsonl in folders', async () => {
    await write({
      'x/metadata.jsonl': '{"file_name": "1.jpg", "kind": 2}\n\n{"file_name": "deep/2.jpg", "kind": 0}\n',
      'x/1.jpg': JPEG,
      'x/deep/2.jpg': JPEG,
    });
    const dataset = await folderDataset(folder, { labelColumn: 'kind' });
    expect([dataset.classNames, infos(dataset)]).toEqual([
      ['0', '1', '2'],
      [
        ['x/1.jpg', 2],
        ['x/deep/2.jpg', 0],
      ],
    ]);
    expect((await folderDataset(folder)).classNames).toEqual([]);
    await expect(folderDataset(folder, { labelColumn: 'kind', classNames: ['a', 'b'] })).rejects.toThrow(
      `metadata.jsonl: line 1: kind '2' is not one of the classes [a, b]`,
    );
  });

  it.each([
    ['a path that leads out', 'file_name\n../secret.jpg', "line 2: file_name '../secret.jpg' leads out of the folder"],
    ['an absolute path', 'file_name\n/etc/passwd', "line 2: file_name '/etc/passwd' leads out of the folder"],
    ['a path of Windows', 'file_name\nC:\\a.jpg', "line 2: file_name 'C:\\a.jpg' leads out of the folder"],
    ['a file that is not there', 'file_name\n1.jpg\nnone.jpg', "line 3: there is no file 'none.jpg'"],
    ['a file that is named twice', 'file_name\n1.jpg\nx/../1.jpg', "line 3: '1.jpg' is named a second time, first in"],
    ['no file_name', 'name\n1.jpg', 'line 2: has no file_name'],
    ['a row of another length', 'file_name,label\n1.jpg', 'line 2: 1 fields where the head has 2'],
    ['an unknown class', 'file_name,label\n1.jpg,d', "line 2: label 'd' is not one of the classes [a, b]"],
  ])('refuses %s', async (_, csv, message) => {
    await write({ 'metadata.csv': csv, '1.jpg': JPEG });
    await expect(folderDataset(folder, { classNames: ['a', 'b'] })).rejects.toThrow(message);
  });

  it('refuses JSON that is none, and Parquet', async () => {
    await write({ 'metadata.jsonl': '{"file_name": "1.jpg"}\n{"file_name":', '1.jpg': JPEG });
    await expect(folderDataset(folder)).rejects.toThrow(`folderDataset: ${join(folder, 'metadata.jsonl')}: line 2: `);
    await write({ 'metadata.jsonl': '[1]' });
    await expect(folderDataset(folder)).rejects.toThrow('line 1: has no file_name');
    await write({ 'metadata.jsonl': '{"file_name": "1.jpg", "label": [0, 2]}' });
    await expect(folderDataset(folder)).rejects.toThrow('line 1: label is [0,2], expected a number or a text');
    await write({ 'metadata.jsonl': '', 'metadata.parquet': 'PAR1' });
    await expect(folderDataset(folder)).rejects.toThrow('write the metadata as metadata.csv or metadata.jsonl');
  });
});
