import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Batch, StepContext } from '@kd/core';
import { Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnswerTable } from '../../teachers/answer-folder.ts';
import { cachedTeacher } from '../../teachers/cached-teacher.ts';
import type { Teacher } from '../../teachers/teacher.ts';
import { answerFolder } from './answer-folder.ts';
import { decodeTable, encodeTable } from './answer-table.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd answers '));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Answers [id, view, pixel]; `asked` collects what it was asked about. */
function fakeTeacher(name = 'a', shift = 0): Teacher & { asked: string[] } {
  const asked: string[] = [];
  return {
    deterministic: true,
    asked,
    fingerprint: async () => name,
    async logits({ ids, views, images }) {
      return Float32Array.from(
        Array.from(ids as ArrayLike<number | string>, (id, i) => {
          const view = views?.[i] ?? 0;
          asked.push(`${id}/${view}`);
          return [Number(String(id).replace('x', '')) + 1 + shift, view, images.data[i]!];
        }).flat(),
      );
    },
  };
}

const context: StepContext = { seed: 0, epoch: 0, step: 0, ids: Uint32Array.of() };
function batchOf(
  ids: readonly number[] | readonly string[],
  { source = 'beans', views }: { source?: string; views?: number[] } = {},
): Batch {
  return {
    ids: typeof ids[0] === 'number' ? Uint32Array.from(ids as number[]) : (ids as string[]),
    images: { data: Float32Array.from(ids.map((_, i) => i)), shape: [ids.length, 1] },
    source,
    ...(views ? { views: Uint32Array.from(views) } : {}),
  };
}

async function fill(
  teacher: Teacher,
  batches: readonly Batch[],
  options = {},
): Promise<ReturnType<typeof cachedTeacher>> {
  const cached = cachedTeacher(teacher, { folder: answerFolder(folder), replay: 0, ...options });
  for (const batch of batches) await cached.logits(batch, context);
  await cached.flush();
  return cached;
}

describe.each([
  ['numbers', [0, 7, 2 ** 32 - 1]],
  ['names', ['x0', 'x7', 'x12']],
] as const)('answers under %s', (_, ids) => {
  it('are found by the next run, which asks for what is missing alone', async () => {
    const batch = batchOf(ids as readonly number[], { views: [0, 3, 2 ** 22] });
    await fill(fakeTeacher(), [batchOf(ids.slice(0, 2) as number[], { views: [0, 3] })]);
    const teacher = fakeTeacher();
    const second = await fill(teacher, [batch]);
    expect(teacher.asked).toEqual([`${ids[2]}/${2 ** 22}`]);
    expect(second.counts).toEqual({ asked: 1, remembered: 2, replayed: 0 });
    const third = fakeTeacher();
    const answers = await cachedTeacher(third, { folder: answerFolder(folder), replay: 0 }).logits(batch, context);
    expect(third.asked).toEqual([]);
    const fresh = await fakeTeacher().logits(batch, context);
    expect(Array.from(answers).filter((_, i) => i % 3 < 2)).toEqual(Array.from(fresh).filter((_, i) => i % 3 < 2));
  });
});

it('what killed writes have left is cleared up after an hour', async () => {
  await fill(fakeTeacher(), [batchOf([1, 2])]);
  const [place] = (await readdir(folder)).map((name) => join(folder, name));
  const whole = await readdir(place!);
  const [old, young] = whole.map((name) => join(place!, `.${name}.${randomUUID()}`)) as [string, string];
  for (const path of [old, young]) await writeFile(path, 'ARROW1');
  await utimes(old, new Date(), Date.now() / 1000 - 4000);
  const teacher = fakeTeacher();
  await fill(teacher, [batchOf([1, 2])]);
  expect(teacher.asked).toEqual([]);
  expect((await readdir(place!)).sort()).toEqual([...whole, basename(young)].sort());
});

it('another teacher, other data or another preparation is never served', async () => {
  await fill(fakeTeacher('a'), [batchOf([1, 2])]);
  for (const [name, source] of [
    ['b', 'beans'],
    ['a', 'beans {"jitter":1}'],
    ['a', ''],
  ] as const) {
    const teacher = fakeTeacher(name);
    await fill(teacher, [batchOf([1, 2], { source })]);
    expect(teacher.asked).toHaveLength(2);
  }
});

it('some of what comes from the folder is asked again, each once, and never what is new', async () => {
  const ids = Array.from({ length: 1000 }, (_, i) => i);
  await fill(fakeTeacher(), [batchOf(ids)]);
  const teacher = fakeTeacher();
  const cached = await fill(teacher, [batchOf(ids), batchOf(ids)], { replay: 0.1 });
  expect(cached.counts.asked).toBe(0);
  expect(cached.counts.replayed).toBe(teacher.asked.length);
  expect(new Set(teacher.asked).size).toBe(teacher.asked.length);
  expect(teacher.asked.length).toBeGreaterThan(50);
  expect(teacher.asked.length).toBeLessThan(170);
});

it('at least one answer is compared, and one that differs ends the run', async () => {
  await fill(fakeTeacher(), [batchOf([5, 6, 7])]);
  await expect(fill(fakeTeacher('a', 0.5), [batchOf([5, 6, 7])], { replay: 1e-9 })).rejects.toThrow(
    /cachedTeacher: the teacher answers \[6\.500.*the cache has \[6\.000/s,
  );
});

it('a damaged file is left out with a warning, and asked for again', async () => {
  await fill(fakeTeacher(), [batchOf([1, 2])]);
  await fill(fakeTeacher(), [batchOf([1, 2, 3])]);
  const [inner] = await readdir(folder);
  const parts = (await readdir(join(folder, inner!))).filter((name) => name.endsWith('.arrow'));
  expect(parts).toHaveLength(2);
  const path = join(folder, inner!, parts[0]!);
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
  const onWarning = vi.fn();
  const teacher = fakeTeacher();
  await fill(teacher, [batchOf([1, 2, 3])], { folder: answerFolder(folder, { onWarning }) });
  expect(onWarning).toHaveBeenCalledOnce();
  expect(onWarning.mock.calls[0]![0]).toContain('is not what was written');
  expect(teacher.asked.length).toBeGreaterThan(0);
});

it('a failed write keeps the answers for the next flush', async () => {
  const file = {
    read: async () => [],
    append: vi.fn().mockRejectedValueOnce(new Error('ENOSPC')).mockResolvedValue(undefined),
  };
  const cached = cachedTeacher(fakeTeacher(), { folder: { open: async () => file } });
  await cached.logits(batchOf([1, 2]), context);
  await expect(cached.flush()).rejects.toThrow('ENOSPC');
  await cached.flush();
  await cached.flush();
  expect(file.append).toHaveBeenCalledTimes(2);
  expect(file.append.mock.calls[1]![0]).toMatchObject({ ids: [1, 2], views: Uint32Array.of(0, 0) });
});

it('a folder that belongs to other answers is refused', async () => {
  await fill(fakeTeacher(), [batchOf([1])]);
  const [inner] = await readdir(folder);
  await writeFile(join(folder, inner!, 'key.json'), '{}');
  await expect(fill(fakeTeacher(), [batchOf([1])])).rejects.toThrow('key.json is not that of these answers');
});

describe('Arrow files', () => {
  it.each<[string, AnswerTable['columns']]>([
    [
      'float32, any values',
      { logits: { type: 'float32', width: 3, shape: [3], data: Float32Array.of(1, -0, NaN, 1e-40, Infinity, 3.4e38) } },
    ],
    [
      'float16, of the largest two, and a feature',
      {
        logits: { type: 'float16', width: 2, shape: [70000], data: Uint16Array.of(0x3c00, 0, 0xfc00, 1) },
        indices: { type: 'uint32', width: 2, shape: [2], data: Uint32Array.of(69999, 0, 3, 2) },
        rest: { type: 'float32', width: 1, shape: [], data: Float32Array.of(-1, -2.5) },
        'feature/layer.1': { type: 'float16', width: 4, shape: [2, 1, 2], data: new Uint16Array(8).fill(7) },
      },
    ],
    [
      'uint16 indices',
      {
        logits: { type: 'float32', width: 1, shape: [3], data: Float32Array.of(1, 2) },
        indices: { type: 'uint16', width: 1, shape: [1], data: Uint16Array.of(2, 65535) },
        rest: { type: 'float32', width: 1, shape: [], data: Float32Array.of(-1, -2.5) },
      },
    ],
  ])('hold any ids, views and columns: %s', async (_, columns) => {
    for (const ids of [
      ['b/1.jpg', 'ü'],
      [7, 2 ** 32 - 1],
    ]) {
      const answers = { ids, views: Uint32Array.of(0, 2 ** 32 - 1), columns };
      expect(await decodeTable('a', await encodeTable(answers))).toEqual(answers);
    }
  });

  it('without the right columns are refused by name', async () => {
    const bytes = tableToIPC(new Table({ name: vectorFromArray(['a'], new Utf8()) }), 'file');
    await expect(decodeTable('made.arrow', bytes)).rejects.toThrow("made.arrow: has no column 'id', it has name");
  });
});
