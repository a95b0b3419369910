import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EncodedDataset, KdError } from '@kd/core';
import { Binary, Int16, Table, tableToIPC, vectorFromArray } from 'apache-arrow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expected, tablePath } from '../testing/tables.ts';
import { arrowDataset } from './arrow-dataset.ts';
import { parquetDataset } from './parquet-dataset.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd arrow '));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(bytes: Uint8Array, name = 'a.arrow'): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

async function contentOf(dataset: EncodedDataset): Promise<object[]> {
  const all = [];
  for (let index = dataset.length - 1; index >= 0; index--) {
    const { id, label } = dataset.info(index);
    all.unshift({ path: id, label, sha256: sha256(await dataset.read(index)) });
  }
  return all;
}

describe('arrowDataset', () => {
  it("reads the stream of datasets' cache", async () => {
    const dataset = await arrowDataset([tablePath('beans-train.arrow')]);
    expect(dataset.classNames).toEqual(expected.classNames);
    expect(await contentOf(dataset)).toEqual(expected.rows);
    const parquet = await parquetDataset([tablePath('none.parquet')]);
    expect(await dataset.fingerprint()).toBe(await parquet.fingerprint());
  });

  it('reads what save_to_disk wrote, several files as one', async () => {
    const paths = ['train', 'holdout'].map((split) => tablePath(`saved/${split}/data-00000-of-00001.arrow`));
    expect(await contentOf(await arrowDataset(paths))).toEqual(expected.rows);
  });

  it('reads files with footers, other widths, nulls, and columns of all kinds in between', async () => {
    const dataset = await arrowDataset([tablePath('wide.arrow')], { name: 'wide' });
    expect(dataset.classNames).toEqual(['0', '1', '2']);
    for (const [row, { sha256: hash, label }] of expected.rows.entries()) {
      expect(dataset.info(row)).toEqual({ id: `wide/${row}`, ...(row % 4 !== 1 && { label }) });
      if (row !== 4) expect(sha256(await dataset.read(row))).toBe(hash);
    }
    await expect(dataset.read(4)).rejects.toThrow(/^arrowDataset: .*wide.arrow, row 4: column 'image' is empty/);
    const byText = await arrowDataset([tablePath('wide.arrow')], { labelColumn: 'meta.note' });
    expect([byText.classNames.length, byText.info(0), byText.info(7)]).toEqual([
      18,
      { id: 'images/0' },
      { id: 'images/7', label: byText.classNames.indexOf('ü7') },
    ]);
  });

  it.each(['file', 'stream'] as const)('reads what apache-arrow wrote, as a %s', async (format) => {
    const image = vectorFromArray([Uint8Array.of(1, 2), null, Uint8Array.of(3)], new Binary());
    const label = vectorFromArray([1, 0, 1], new Int16());
    const dataset = await arrowDataset([await write(tableToIPC(new Table({ image, label }), format))]);
    expect([dataset.length, dataset.classNames, dataset.info(2).label]).toEqual([3, ['0', '1'], 1]);
    expect([await dataset.read(0), await dataset.read(2)]).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3)]);
  });
});

describe('arrowDataset refuses', () => {
  const refused = async (bytes: Uint8Array): Promise<string> => {
    const path = await write(bytes);
    const error = await arrowDataset([path]).catch((reason: unknown) => reason);
    expect(KdError.isInstance(error)).toBe(true);
    return (error as Error).message.replace(path, 'PATH');
  };
  const stream = async (): Promise<Uint8Array> => new Uint8Array(await readFile(tablePath('beans-train.arrow')));

  it('an empty file, and one that is none', async () => {
    expect(await refused(new Uint8Array())).toBe(
      'arrowDataset: PATH: ends at byte 0 without its end mark: the file is cut or damaged, fetch it again',
    );
    expect(await refused(new TextEncoder().encode('PAR1 is something else'))).toMatch(
      /^arrowDataset: PATH: has a header of/,
    );
  });

  it('a file that was cut, wherever', async () => {
    const whole = await stream();
    for (const length of [4, 100, 2000, 5000, whole.length - 8, whole.length - 1]) {
      expect(await refused(whole.slice(0, length))).toMatch(/the file is cut or damaged/);
    }
    const file = new Uint8Array(await readFile(tablePath('wide.arrow')));
    expect(await refused(file.slice(0, file.length - 20))).toMatch(/PATH: has lost its end/);
  });

  it('lengths that lie: of a header, a body and a buffer', async () => {
    const whole = await stream();
    const view = new DataView(whole.buffer);
    const schemaLength = view.getUint32(4, true);
    const header = 8 + schemaLength; // of the first record batch
    const lie = async (at: number, value: number): Promise<string> => {
      const copy = whole.slice();
      new DataView(copy.buffer).setUint32(at, value, true);
      return refused(copy);
    };
    expect(await lie(header + 4, 2 ** 30)).toMatch(/has a header of 1073741824 bytes at byte \d+ of \d+/);
    // The body's length is an int64 in the header: look for it by its value, which no other number there has.
    const batchLength = view.getUint32(header + 4, true);
    const next = (): number => {
      for (let at = header + 8; at < header + 8 + batchLength; at += 4) {
        const value = view.getUint32(at, true);
        const after = header + 8 + batchLength + value;
        if (value > 64 && after < whole.length - 8 && view.getUint32(after, true) === 0xffffffff) return at;
      }
      throw new Error('no length found');
    };
    expect(await lie(next(), 2 ** 29)).toMatch(/has a message of 536870912 bytes at byte \d+ of \d+/);
    expect(await lie(next(), 64)).toMatch(/has a buffer \d+ at bytes \d+ to \d+ of a body of 64/);
  });

  it('offsets that lead elsewhere, when it comes to them', async () => {
    const whole = await stream();
    const first = Buffer.from(whole).indexOf(Buffer.from([0, 0, 0, 0, 44, 0, 0, 0, 120, 0, 0, 0]));
    expect(first).toBeGreaterThan(0); // offsets of the images: 4 + 32 + 8 bytes, 4 + 64 + 8, …
    const backwards = whole.slice();
    new DataView(backwards.buffer).setInt32(first + 4, -5, true);
    const path = await write(backwards);
    const dataset = await arrowDataset([path]);
    await expect(dataset.read(0)).rejects.toThrow(`arrowDataset: ${path}: has offsets that go back, at row 1`);
    const beyond = whole.slice();
    new DataView(beyond.buffer).setInt32(first + 4, 1 << 30, true);
    const other = await arrowDataset([await write(beyond, 'b.arrow')]);
    await expect(other.read(0)).rejects.toThrow(/points to bytes 0 to 1073741824 of a buffer of \d+/);
  });

  it('compressed batches, as what they are', async () => {
    await expect(arrowDataset([tablePath('compressed.arrow')])).rejects.toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringContaining(
          'compressed.arrow: has compressed record batches; write it without compression',
        ),
      }),
    );
  });
});
