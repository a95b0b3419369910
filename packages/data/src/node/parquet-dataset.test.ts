import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EncodedDataset, KdError } from '@kd/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expected, parquetBytes, tablePath } from '../testing/tables.ts';
import { parquetDataset } from './parquet-dataset.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd parquet '));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(bytes: Uint8Array, name = 'a.parquet'): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

const image = (row: number): Uint8Array => Uint8Array.of(0xff, 0xd8, 0xff, row, row >> 8);
const images = (count: number): Uint8Array[] => Array.from({ length: count }, (_, row) => image(row));

async function contentOf(dataset: EncodedDataset): Promise<{ path: string; label?: number; sha256: string }[]> {
  const all = [];
  for (let index = dataset.length - 1; index >= 0; index--) {
    const { id, label } = dataset.info(index);
    all.unshift({ path: id, ...(label !== undefined && { label }), sha256: sha256(await dataset.read(index)) });
  }
  return all;
}

describe('parquetDataset', () => {
  it.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4', 'datasets'])(
    'reads what Python wrote: %s.parquet',
    async (name) => {
      const dataset = await parquetDataset([tablePath(`${name}.parquet`)]);
      expect(dataset.classNames).toEqual(expected.classNames);
      expect(await contentOf(dataset)).toEqual(expected.rows);
    },
  );

  it('reads images that are in a dictionary, and names those by row whose paths are not unique', async () => {
    const dataset = await parquetDataset([tablePath('dictionary.parquet')], { name: 'train' });
    const rows = expected.rows.map((_, row) => ({ ...expected.rows[Math.floor(row / 3)]!, path: `train/${row}` }));
    expect(await contentOf(dataset)).toEqual(rows);
  });

  it('gives equal content equal fingerprints, in whatever codec', async () => {
    const prints = ['none', 'zstd', 'datasets'].map(async (name) =>
      (await parquetDataset([tablePath(`${name}.parquet`)])).fingerprint(),
    );
    expect(new Set(await Promise.all(prints)).size).toBe(1);
  });

  it('takes columns of other names, and has no label where there is none', async () => {
    const path = tablePath('no-metadata.parquet');
    expect((await parquetDataset([path])).classNames).toEqual([]);
    const byName = await parquetDataset([path], { labelColumn: 'name' });
    expect(byName.classNames).toEqual(expected.classNames);
    expect(byName.info(4)).toEqual({ id: '4.jpg', label: 1 });
    const byNumber = await parquetDataset([path], { labelColumn: 'fine_label', idColumn: 'name' }).catch(
      (error: KdError) => error.message,
    );
    expect(byNumber).toContain("id 'angular_leaf_spot' stands twice, at rows 0 and 3");
    const some = await parquetDataset([path], { labelColumn: 'fine_label' });
    expect([some.classNames.length, some.info(1), some.info(2)]).toEqual([
      23,
      { id: '1.jpg' },
      { id: '2.jpg', label: 2 },
    ]);
    await expect(parquetDataset([path], { labelColumn: 'nolabel' })).rejects.toThrow(
      /^parquetDataset: .*no-metadata.parquet: column 'nolabel' holds no labels, numbers or text; it has image.bytes \(bytes\), image.path \(text\), fine_label \(integer\), name \(text\)$/,
    );
    await expect(parquetDataset([path], { imageColumn: 'name' })).rejects.toThrow("column 'name' holds no images");
  });

  it('puts files one after the other', async () => {
    const paths = [0, 10].map((from) =>
      write(
        parquetBytes({
          images: images(30).slice(from, from + 10),
          labels: Array.from({ length: 10 }, (_, i) => (from + i) % 2),
          paths: Array.from({ length: 10 }, (_, i) => `${from + i}.jpg`),
          rowGroupSize: 3,
        }),
        `${from}.parquet`,
      ),
    );
    const dataset = await parquetDataset(await Promise.all(paths));
    expect([dataset.length, dataset.info(13)]).toEqual([20, { id: '13.jpg', label: 1 }]);
    for (const index of [19, 0, 9, 10, 12]) expect(await dataset.read(index)).toEqual(image(index));
  });

  it('finds single images in pages of many megabytes, as pyarrow writes them', async () => {
    const large = Array.from({ length: 150 }, (_, row) =>
      row % 7 === 3 ? null : new Uint8Array(40_000 + row).fill(row + 1),
    );
    const bytes = parquetBytes({ images: large, labels: large.map((_, row) => row % 2), pageSize: 2 ** 26 });
    const path = await write(bytes);
    const dataset = await parquetDataset([path]);
    for (const row of [149, 0, 77, 76, 78]) expect(await dataset.read(row)).toEqual(large[row]);
    await expect(dataset.read(3)).rejects.toThrow(`${path}, row 3: column 'image.bytes' is empty`);
    // A length that lies: before the image of row 1, which 40,000 bytes of row 0 precede.
    const at = Buffer.from(bytes).indexOf(Buffer.from([...new Array(4).fill(1), 0x41, 0x9c, 0, 0, 2, 2])) + 4;
    expect(at).toBeGreaterThan(40_000);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, 2 ** 31, true);
    const damaged = await parquetDataset([await write(bytes, 'b.parquet')]);
    await expect(damaged.read(100)).rejects.toThrow(
      /^parquetDataset: .*b.parquet: column 'image.bytes' of row group 0, rows 0 to 149: a value of 2147483648 bytes at byte \d+ does not end before/,
    );
  });

  it('gives arrays that are the caller’s', async () => {
    const dataset = await parquetDataset([tablePath('none.parquet')]);
    (await dataset.read(3)).fill(0);
    expect(sha256(await dataset.read(3))).toBe(expected.rows[3]!.sha256);
  });

  it('reads every row of any table, in any order', async () => {
    const row = fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }), label: fc.option(fc.nat(5)) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        async (rows, rowGroupSize) => {
          const bytes = parquetBytes({
            images: rows.map((each) => each.bytes),
            labels: rows.map((each) => each.label),
            classNames: [...'abcdef'],
            rowGroupSize,
          });
          const dataset = await parquetDataset([await write(bytes)]);
          const order = rows.map((_, index) => (index * 7) % rows.length);
          for (const index of order) {
            expect(dataset.info(index).label).toBe(rows[index]!.label ?? undefined);
            expect(await dataset.read(index)).toEqual(rows[index]!.bytes);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('parquetDataset refuses', () => {
  const refused = async (bytes: Uint8Array): Promise<string> => {
    const path = await write(bytes);
    const error = await parquetDataset([path]).catch((reason: unknown) => reason);
    expect(KdError.isInstance(error)).toBe(true);
    return (error as Error).message.replace(path, 'PATH');
  };

  it.each([
    ['an empty file', new Uint8Array(), "PATH: 0 bytes that start with '' are no Parquet file"],
    ['text', new TextEncoder().encode('<html>not found</html>'), "PATH: 22 bytes that start with '<htm' are no"],
    [
      'a label that is no class',
      parquetBytes({ images: images(3), labels: [0, 1, 2], classNames: ['a', 'b'] }),
      'PATH, row 2: label 2 is not one of the 2 classes [a, b]',
    ],
    [
      'a label that is no class, below',
      parquetBytes({ images: images(2), labels: [0, -2], classNames: ['a', 'b'] }),
      'PATH, row 1: label -2 is not one of the 2 classes [a, b]',
    ],
    [
      'labels that are no labels',
      parquetBytes({ images: images(2), labels: [0, 1_700_000_000] }),
      'PATH: 1700000000 is no label: is this the column of the classes?',
    ],
  ])('%s', async (_, bytes, message) => {
    expect(await refused(bytes)).toContain(message);
  });

  it('a file that was cut', async () => {
    const whole = new Uint8Array(await readFile(tablePath('snappy.parquet')));
    expect(await refused(whole.slice(0, 9000))).toContain(
      'PATH: parquet file invalid (footer != PAR1): the file is cut or damaged, fetch it again',
    );
  });

  it('a middle that is missing, when it comes to it', async () => {
    const whole = new Uint8Array(await readFile(tablePath('none.parquet')));
    const holed = whole.slice();
    holed.fill(0, 2000, 4000);
    const dataset = await parquetDataset([await write(holed)]);
    const outcomes = [];
    for (let index = 0; index < dataset.length; index++) {
      outcomes.push(await dataset.read(index).then(sha256, (error: Error) => error.message));
    }
    const wrong = outcomes.filter((outcome, index) => outcome !== expected.rows[index]!.sha256);
    expect(wrong.length).toBeGreaterThan(0);
    expect(wrong[0]).toMatch(
      /^parquetDataset: .*column 'image.bytes' of row group 0.*: the file is cut or damaged, fetch it again/,
    );
  });

  it('an image without bytes, by row', async () => {
    const path = await write(parquetBytes({ images: [image(0), null, new Uint8Array()], labels: [0, 0, 0] }));
    const dataset = await parquetDataset([path]);
    await expect(dataset.read(1)).rejects.toThrow(
      `parquetDataset: ${path}, row 1: column 'image.bytes' is empty: images that are only named by a path`,
    );
    await expect(dataset.read(2)).rejects.toThrow(`dataset.read(2): '2.jpg' of ${path} has no bytes`);
  });

  it('a file that is not there, or has changed', async () => {
    await expect(parquetDataset([join(folder, 'none.parquet')])).rejects.toThrow(
      `parquetDataset: cannot read ${join(folder, 'none.parquet')}: ENOENT`,
    );
    const path = await write(parquetBytes({ images: images(4), labels: [0, 0, 0, 0] }));
    const dataset = await parquetDataset([path]);
    await write(parquetBytes({ images: images(5), labels: [0, 0, 0, 0, 0] }));
    await expect(dataset.read(0)).rejects.toThrow(`${path} has changed since it was opened: open it again`);
  });

  it('files of different columns or classes', async () => {
    const a = await write(parquetBytes({ images: images(1), labels: [0], classNames: ['a', 'b'] }), 'a.parquet');
    const b = await write(parquetBytes({ images: images(1), labels: [0], classNames: ['b', 'a'] }), 'b.parquet');
    await expect(parquetDataset([a, b])).rejects.toThrow(`${b} has classes [b,a], ${a} has [a,b]`);
    await expect(parquetDataset([a, tablePath('none.parquet')])).rejects.toThrow(
      'files of one split must have equal ones',
    );
    await expect(parquetDataset([])).rejects.toThrow('parquetDataset: no files given');
  });
});
