import type { Batch } from '@kd/core';
import { augmentation, cutMix } from '@kd/data';
import { withTaps } from '@kd/models';
import { describe, expect, it, vi } from 'vitest';
import { digits, network } from '../testing/digits.ts';
import type { AnswerFolder, AnswerKey, AnswerTable } from './answer-folder.ts';
import { answerError } from './cache/answer-error.ts';
import { type CachedTeacherOptions, cachedTeacher } from './cached-teacher.ts';
import { modelTeacher } from './model-teacher.ts';
import type { Teacher } from './teacher.ts';

const context = { seed: 0, epoch: 0, step: 0, ids: new Uint32Array(0) };
const plain = { batchNorm: false, dropout: 0 };

/** As on disk, in memory. */
function memoryFolder(): AnswerFolder & { tables: Map<string, AnswerTable[]> } {
  const tables = new Map<string, AnswerTable[]>();
  return {
    tables,
    async open(key: AnswerKey) {
      const name = JSON.stringify(key);
      return {
        read: async () => tables.get(name) ?? [],
        append: async (table) => void tables.set(name, [...(tables.get(name) ?? []), structuredClone(table)]),
      };
    },
  };
}

async function batchesOf(loader: { epoch(n: number): AsyncIterable<Batch> }, epoch = 0): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of loader.epoch(epoch)) all.push(batch);
  return all;
}

const tapped = (): Teacher => modelTeacher(withTaps(network({ ...plain, seed: 9 }), ['relu1', 'relu2']));

describe('what is kept', () => {
  it.each<[string, CachedTeacherOptions]>([
    ['float16', { precision: 'float16' }],
    ['the largest three', { topK: 3, temperature: 4 }],
    ['the largest three in float16', { topK: 3, temperature: 4, precision: 'float16' }],
  ])('is what the student gets, the first time too, and in later runs: %s', async (_, options) => {
    const folder = memoryFolder();
    const [batch] = await batchesOf(digits(20, { batchSize: 20 }));
    const exact = await tapped().logits(batch!, context);
    const first = cachedTeacher(tapped(), { ...options, folder });
    const answers = await first.logits(batch!, context);
    expect(answers).not.toEqual(exact);
    expect(await first.logits(batch!, context)).toEqual(answers);
    expect(first.error).toEqual(answerError(exact, 10, options));
    expect(first.error.samples).toBe(20);
    await first.flush();
    const later = cachedTeacher(tapped(), { ...options, folder, replay: 1 });
    expect(await later.logits(batch!, context)).toEqual(answers);
    expect(later.counts).toEqual({ asked: 0, remembered: 20, replayed: 20 });
  });

  it('is not found by a run that keeps something else', async () => {
    const folder = memoryFolder();
    const [batch] = await batchesOf(digits(20, { batchSize: 20 }));
    const kinds: CachedTeacherOptions[] = [
      {},
      { precision: 'float16' },
      { topK: 3 },
      { topK: 4 },
      { topK: 3, temperature: 2 },
      { features: ['relu1'] },
      { features: ['relu1', 'relu2'] },
    ];
    for (const options of kinds) {
      const cached = cachedTeacher(tapped(), { ...options, folder });
      await cached.logits(batch!, context);
      expect(cached.counts.asked).toBe(20);
      await cached.flush();
    }
    expect(folder.tables.size).toBe(kinds.length);
  });

  it('is asked for again and found wrong if the teacher answers something else: topK', async () => {
    const folder = memoryFolder();
    const [batch] = await batchesOf(digits(20, { batchSize: 20 }));
    const options = { topK: 3, folder, replay: 1 };
    const first = cachedTeacher(tapped(), options);
    await first.logits(batch!, context);
    await first.flush();
    const other = { ...tapped(), logits: modelTeacher(network({ ...plain, seed: 10 })).logits };
    await expect(cachedTeacher(other, options).logits(batch!, context)).rejects.toThrow(
      /the teacher answers .* \(logits\) about sample \d+, the cache has/,
    );
  });
});

describe('features', () => {
  it('are kept with the logits, and given by tap', async () => {
    const folder = memoryFolder();
    const [batch] = await batchesOf(digits(20, { batchSize: 20 }));
    const wanted = await tapped().answers!(batch!, context);
    const sizes = vi.fn();
    const cached = cachedTeacher(tapped(), { features: ['relu2'], folder, onSize: sizes });
    expect(cached.taps).toEqual(['relu2']);
    const { relu2 } = wanted.features;
    for (let epoch = 0; epoch < 3; epoch++) {
      expect(await cached.answers!(batch!, context)).toEqual({ logits: wanted.logits, features: { relu2 } });
    }
    expect(await cached.logits(batch!, context)).toEqual(wanted.logits);
    expect(cached.counts).toEqual({ asked: 20, remembered: 60, replayed: 0 });
    expect(sizes.mock.calls).toEqual([[{ bytesPerView: 40 + 96, bytes: { logits: 40, 'feature/relu2': 96 } }]]);
    await cached.flush();
    const later = cachedTeacher(tapped(), { features: ['relu2'], folder, replay: 1 });
    expect((await later.answers!(batch!, context)).features.relu2).toEqual(relu2);
    expect(later.counts).toEqual({ asked: 0, remembered: 20, replayed: 20 });
  });

  it('may be too large: then nothing is kept', async () => {
    const folder = memoryFolder();
    const [batch] = await batchesOf(digits(20, { batchSize: 20 }));
    const cached = cachedTeacher(tapped(), {
      features: ['relu1'],
      folder,
      onSize: ({ bytesPerView }) => {
        if (bytesPerView > 100) throw new Error(`${bytesPerView} bytes a view`);
      },
    });
    await expect(cached.answers!(batch!, context)).rejects.toThrow('168 bytes a view');
    await cached.flush();
    expect(folder.tables.size).toBe(0);
  });

  it('that the teacher lacks are refused', () => {
    expect(() => cachedTeacher(tapped(), { features: ['relu3'] })).toThrow(
      'cachedTeacher: the teacher has no features relu3, only relu1, relu2; name these layers to withTaps',
    );
    expect(() => cachedTeacher(modelTeacher(network(plain)), { features: ['relu1'] })).toThrow('none at all');
  });
});

describe('views', () => {
  const steps = [{ type: 'randAugment' }] as const;
  const options = { batchSize: 20, normalize: { mean: 0, std: 1 } };

  it('of which there are few are asked about once each', async () => {
    const cached = cachedTeacher(tapped());
    const exact = tapped();
    const loader = digits(40, { ...options, augment: augmentation(steps, { views: 3 }) });
    for (let epoch = 0; epoch < 7; epoch++) {
      for (const batch of await batchesOf(loader, epoch)) {
        expect(await cached.logits(batch, context)).toEqual(await exact.logits(batch, context));
      }
    }
    expect(cached.counts).toEqual({ asked: 3 * 40, remembered: 4 * 40, replayed: 0 });
  });

  it.each([
    ['augmented anew in every epoch', { augment: augmentation(steps) }],
    ['mixed', { batchTransform: cutMix() }],
  ])('that come once are asked about live, and not kept: %s', async (_, more) => {
    const folder = memoryFolder();
    const cached = cachedTeacher(tapped(), { folder });
    const exact = tapped();
    for (let epoch = 0; epoch < 2; epoch++) {
      for (const batch of await batchesOf(digits(40, { ...options, ...more }), epoch)) {
        expect(await cached.logits(batch, context)).toEqual(await exact.logits(batch, context));
      }
    }
    await cached.flush();
    expect(cached.counts).toEqual({ asked: 80, remembered: 0, replayed: 0 });
    expect(folder.tables.size).toBe(0);
  });
});

it('takes the images that are for the teacher, under their source', async () => {
  const [student] = await batchesOf(digits(8, { batchSize: 8, normalize: { mean: 0.5, std: 0.5 } }));
  const [own] = await batchesOf(digits(8, { batchSize: 8 }));
  const { images, source } = own!;
  const both: Batch = { ...student!, teacherImages: { ...images, source: source! } };
  const cached = cachedTeacher(tapped());
  const wanted = await tapped().logits(own!, context);
  expect(await cached.logits(both, context)).toEqual(wanted);
  expect(await cached.logits(own!, context)).toEqual(wanted); // the same images under the same source
  expect(cached.counts).toEqual({ asked: 8, remembered: 8, replayed: 0 });
  expect(await tapped().logits(both, context)).toEqual(wanted);
  expect((await tapped().answers!(both, context)).logits).toEqual(wanted);
});

it('keeps no NaN', async () => {
  const [batch] = await batchesOf(digits(3, { batchSize: 3, shuffle: false }));
  const sick: Teacher = { ...tapped(), logits: async () => new Float32Array(30).fill(Number.NaN, 20, 21) };
  await expect(cachedTeacher(sick).logits(batch!, context)).rejects.toThrow(
    "cachedTeacher: the teacher answers NaN about sample '2'",
  );
});
