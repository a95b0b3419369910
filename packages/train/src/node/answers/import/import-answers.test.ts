import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Batch } from '@kd/core';
import {
  Field,
  Float64,
  List,
  RecordBatchStreamWriter,
  Table,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importAnswers } from './import-answers.ts';

// Made by pyarrow: fixtures/make_answers.py.
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../fixtures/answers/${name}`, import.meta.url));
const [SAMPLES, CLASSES] = [20, 10];
const expected = (i: number): number[] => Array.from({ length: CLASSES }, (_, c) => ((7 * i + 13 * c) % 31) / 4 - 3);

const context = { seed: 0, epoch: 0, step: 0, ids: new Uint32Array(0) };
const teacher = { name: 'ViT-B/16', fingerprint: 'abc' };
const batchOf = (ids: Batch['ids'], more: Partial<Batch> = {}): Batch => ({
  ids,
  images: { data: new Float32Array(ids.length), shape: [ids.length, 1] },
  ...more,
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd import '));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file of lists of float64, as somebody else may have made it. */
async function made(
  ids: readonly string[],
  rows: readonly (readonly number[] | null)[],
  views?: number[],
): Promise<string> {
  const path = join(folder, `${Math.random()}.arrow`);
  const list = new List(new Field('item', new Float64(), true));
  const columns = {
    id: vectorFromArray(ids, new Utf8()),
    logits: vectorFromArray(rows as number[][], list),
    ...(views ? { view: vectorFromArray(views) } : {}),
  };
  await writeFile(path, tableToIPC(new Table(columns as never), 'file'));
  return path;
}

describe.each([
  ['list-float32.parquet', 'names'],
  ['fixed-float64.parquet', 'numbers'],
  ['list-float16.parquet', 'names'],
  ['fixed-float16.arrow', 'names'],
  ['list-float64.arrow', 'numbers'],
] as const)('%s of pyarrow', (file, kind) => {
  const idOf = (i: number): string => (kind === 'names' ? `train/leaf ${i}.jpg` : String(i));

  it('answers by id, in any order', async () => {
    const all = Array.from({ length: SAMPLES }, (_, i) => idOf(i));
    const answers = await importAnswers(fixture(file), { idColumn: 'file', teacher, ids: all });
    expect([answers.length, answers.classes, answers.deterministic]).toEqual([SAMPLES, CLASSES, true]);
    const order = [13, 0, 19, 7];
    const ids = kind === 'names' ? order.map(idOf) : Uint32Array.from(order);
    expect([...(await answers.logits(batchOf(ids), context))]).toEqual(order.flatMap(expected));
    await expect(answers.logits(batchOf([idOf(1), 'nobody', idOf(99)]), context)).rejects.toThrow(
      `2 ids are not there: nobody, ${idOf(99)}`,
    );
  });
});

it('says what is wrong with a file', async () => {
  const path = fixture('fixed-float16.arrow');
  await expect(importAnswers(path, { teacher })).rejects.toThrow(
    "has no column 'id', it has file, logits, label; name them with idColumn, logitsColumn and viewColumn",
  );
  const idColumn = 'file';
  await expect(importAnswers(path, { teacher, idColumn, logitsColumn: 'label' })).rejects.toThrow(
    '20 ids have no id that is an integer or a string, or no list of logits: row 0, row 1',
  );
  await expect(importAnswers(path, { teacher, idColumn, classNames: ['a', 'b'] })).rejects.toThrow(
    '20 ids have another number of logits than 2: train/leaf 0.jpg (10),',
  );
  await expect(importAnswers(path, { teacher, idColumn, ids: ['x', 'train/leaf 3.jpg', 'y'] })).rejects.toThrow(
    '2 ids are not there: x, y',
  );
  await expect(importAnswers(fixture('compressed.feather'), { teacher, idColumn })).rejects.toThrow(
    /compressed.feather: .*compress/i,
  );
  await writeFile(join(folder, 'text.arrow'), 'this is no table at all');
  await expect(importAnswers(join(folder, 'text.arrow'), { teacher })).rejects.toThrow(/importAnswers: .*text.arrow: /);
  await expect(importAnswers(join(folder, 'none'), { teacher })).rejects.toThrow('importAnswers: there is no file');
});

it('refuses rows with their ids', async () => {
  const one = [1, 2];
  await expect(
    importAnswers(await made(['a', 'b', 'a', 'c', 'b'], [one, one, one, one, one]), { teacher }),
  ).rejects.toThrow('2 ids come twice; keep one row of each: a, b');
  await expect(importAnswers(await made(['a', 'b', 'c'], [one, [1], one]), { teacher })).rejects.toThrow(
    '1 ids have another number of logits than 2: b (1)',
  );
  await expect(importAnswers(await made(['a', 'b', 'c'], [one, [1, NaN], [1e39, 0]]), { teacher })).rejects.toThrow(
    '2 ids have logits that are not finite: b, c', // 1e39 is none in float32
  );
  await expect(importAnswers(await made(['a', 'b'], [one, null]), { teacher })).rejects.toThrow('1 ids have no id');
  const many = Array.from({ length: 9 }, (_, i) => `s${i}`);
  await expect(
    importAnswers(
      await made(
        many,
        many.map(() => [NaN]),
      ),
      { teacher },
    ),
  ).rejects.toThrow('9 ids have logits that are not finite: s0, s1, s2, s3, s4, …');
});

it('knows views by their column, and nothing of images that come once', async () => {
  const path = await made(['a', 'a', 'b'], [[1], [2], [3]], [0, 1, 0]);
  await expect(importAnswers(path, { teacher })).rejects.toThrow('1 ids come twice');
  const answers = await importAnswers(path, { teacher, viewColumn: 'view' });
  const views = Uint32Array.of(1, 0);
  expect([...(await answers.logits(batchOf(['a', 'b'], { views }), context))]).toEqual([2, 3]);
  await expect(answers.logits(batchOf(['b'], { views: Uint32Array.of(1) }), context)).rejects.toThrow('b (view 1)');
  await expect(answers.logits(batchOf(['b'], { fresh: true }), context)).rejects.toThrow('images that come once');
  const without = await importAnswers(await made(['a'], [[1]]), { teacher });
  await expect(without.logits(batchOf(['a'], { views: Uint32Array.of(0) }), context)).rejects.toThrow(
    'the batch has augmented images, and the file has no views; name their viewColumn',
  );
});

it('has a fingerprint of teacher and content', async () => {
  const path = fixture('list-float32.parquet');
  const print = async (file: string, name: string, hash: string): Promise<string> =>
    (await importAnswers(file, { idColumn: 'file', teacher: { name, fingerprint: hash } })).fingerprint();
  const prints = [
    await print(path, 'a', '1'),
    await print(path, 'a', '2'),
    await print(path, 'b', '1'),
    await print(fixture('list-float16.parquet'), 'a', '1'),
  ];
  expect(new Set(prints).size).toBe(4);
  expect(await print(path, 'a', '1')).toBe(prints[0]);
});

it('reads streams', async () => {
  const path = join(folder, 'stream.arrows');
  const table = tableFromArrays({
    id: ['a', 'b'],
    logits: [
      [1, 2],
      [3, 4],
    ] as never,
  });
  await writeFile(path, await RecordBatchStreamWriter.writeAll(table).toUint8Array());
  const answers = await importAnswers(path, { teacher });
  expect([...(await answers.logits(batchOf(['b']), context))]).toEqual([3, 4]);
});
