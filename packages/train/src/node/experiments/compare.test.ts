import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors } from '@kd/core';
import { accuracy, crossedTTest, predictions } from '@kd/metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compare } from './compare.ts';
import type { CellEvent } from './run-cells.ts';

const ARMS = new URL('../../testing/digit-arms.ts', import.meta.url);

let outputDir: string;
beforeEach(async () => {
  outputDir = await mkdtemp(join(tmpdir(), 'kd compare '));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(outputDir, { recursive: true });
});

const json = async (...path: string[]) => JSON.parse(await readFile(join(outputDir, ...path), 'utf8'));

/** Logits and labels of a run, as another program would read them. */
async function read(arm: string, seed: number) {
  const { tensors, metadata } = readSafetensors(
    await readFile(join(outputDir, arm, `seed-${seed}`, 'result.safetensors')),
  );
  const [logits, labels] = ['logits', 'labels'].map((name) => tensors.find((tensor) => tensor.name === name)!);
  return {
    logits: logits!.data as Float32Array,
    labels: Array.from(labels!.data as Int32Array),
    ids: JSON.parse(metadata.ids!),
  };
}

describe('compare in processes of their own', () => {
  it('runs every arm with every seed on real digits, survives a crash, and goes on where it was', async () => {
    vi.stubEnv('KD_TEST_ARM', 'crash smoothed 2');
    const events: CellEvent[] = [];
    const options = { arms: ARMS, seeds: [1, 2], outputDir, onProgress: (event: CellEvent) => events.push(event) };
    const first = await compare(options);
    expect(first.failures).toEqual([
      { arm: 'smoothed', seed: 2, reason: 'its process ended by SIGKILL: Error: out of all memory' },
    ]);
    expect(first.markdown).toContain('- smoothed, seed 2: its process ended by SIGKILL: Error: out of all memory');
    expect(first.rows.map(({ arm, seeds }) => [arm, seeds])).toEqual([
      ['few images', [1, 2]],
      ['smoothed', [1]],
      ['more images', [1, 2]],
    ]);
    expect(await readFile(join(outputDir, 'smoothed', 'seed-2', 'log.txt'), 'utf8')).toContain('out of all memory');

    vi.stubEnv('KD_TEST_ARM', '');
    events.length = 0;
    const second = await compare(options);
    expect(events.filter(({ type }) => type === 'found')).toHaveLength(5);
    expect(events.filter(({ type }) => type === 'started')).toMatchObject([{ arm: 'smoothed', seed: 2 }]);
    expect(events.at(-1)).toMatchObject({ type: 'finished', done: 6, total: 6 });
    expect(second.failures).toEqual([]);

    // The figures, from the files alone.
    const hits = async (arm: string, seed: number) => {
      const { logits, labels, ids } = await read(arm, seed);
      expect(ids).toHaveLength(500);
      const answers = predictions(logits, labels.length);
      return labels.map((label, i) => (label === answers[i] ? 1 : 0));
    };
    const [few, more] = await Promise.all(
      ['few images', 'more images'].map((arm) => Promise.all([1, 2].map((seed) => hits(arm, seed)))),
    );
    const expected = crossedTTest(more!, few!);
    const row = second.rows[2]!;
    expect(row.test).toMatchObject({ over: 'seeds and images', images: 500, seeds: [1, 2], pValue: expected.pValue });
    expect(row.test!.difference).toBeCloseTo(expected.difference, 12);
    const { logits, labels } = await read('more images', 2);
    expect(row.values[1]).toBe(accuracy(logits, labels));
    expect(row.mean).toBeGreaterThan(second.rows[0]!.mean + 0.1); // 25 times the images
    expect(second.sentences[1]).toMatch(/^more images (beats|and few images cannot be told apart)/);
    expect(second.rows[0]!.command).toBe('node few.js --seed 1,2');

    expect((await readdir(outputDir)).sort()).toEqual(
      [
        'cells.csv',
        'comparison.csv',
        'comparison.json',
        'comparison.md',
        'few images',
        'more images',
        'smoothed',
      ].sort(),
    );
    expect((await json('comparison.json')).rows[2].test.pValue).toBe(expected.pValue);
    const lines = (await readFile(join(outputDir, 'cells.csv'), 'utf8')).trim().split('\n');
    expect(lines[0]).toBe('arm,seed,eval_accuracy,eval_loss,seconds,peak_memory');
    expect(lines).toHaveLength(7);
    const { peakMemory, cores } = await json('smoothed', 'seed-2', 'result.json');
    expect(peakMemory).toBeGreaterThan(50e6);
    expect(cores).toBeGreaterThan(0.1);
  }, 300_000);

  it('ends its processes when it is stopped, keeps what is done, and takes no half-trained run for a finished one', async () => {
    vi.stubEnv('KD_TEST_ARM', 'wait smoothed 1');
    const stop = new AbortController();
    const events: CellEvent[] = [];
    const options = {
      arms: ARMS,
      seeds: [1],
      outputDir,
      processes: 2,
      signal: stop.signal,
      onProgress(event: CellEvent) {
        events.push(event);
        if (event.type === 'finished' && event.arm === 'more images') stop.abort();
      },
    };
    await expect(compare(options)).rejects.toMatchObject({
      code: 'ABORTED',
      message: 'compare: stopped with 2 of 3 runs done, which are kept; call it again to go on',
    });
    const files = await readdir(join(outputDir, 'smoothed', 'seed-1'));
    expect(files).toContain('settings.json');
    expect(files).not.toContain('result.json');
    expect(files.some((name) => name.startsWith('checkpoint-'))).toBe(true); // it could write one
  }, 300_000);

  it('says what is wrong with a module', async () => {
    const path = join(outputDir, 'arms.mjs');
    await writeFile(path, 'export const arm = {};');
    const options = { arms: new URL(`file://${encodeURI(path)}`), seeds: [1], outputDir };
    await expect(compare(options)).rejects.toThrow(/must export an object of arms as 'arms'; it exports arm$/);
    await writeFile(path, 'throw new Error("no data here");');
    await expect(compare(options)).rejects.toThrow(/^compare: the arms of '.*arms\.mjs' cannot be read: no data here$/);
  }, 60_000);
});
