import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import { MNIST_NORMALIZATION, subset } from '@kd/data';
import { loadMnist } from '@kd/data/node';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { modelFingerprint } from '../model-weights.ts';
import { network } from '../testing/digits.ts';
import { fineTune } from './fine-tune.ts';

/** How much may still be written to files of checkpoints. */
const disk = vi.hoisted(() => ({ room: Infinity }));

// As a full disk has it: a part of the file is written, then there is an error.
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    async writeFile(...[file, data, options]: Parameters<typeof real.writeFile>) {
      const size = (data as { length?: number }).length ?? 0;
      if (size <= disk.room) {
        disk.room -= size;
        return real.writeFile(file, data, options);
      }
      if (data instanceof Uint8Array) await real.writeFile(file, data.subarray(0, disk.room), options);
      disk.room = 0;
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
  };
});

const { train: all } = await loadMnist();
const train = subset(
  all,
  Array.from({ length: 160 }, (_, i) => i),
);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd full disk '));
});
afterEach(async () => {
  disk.room = Infinity;
  await rm(folder, { recursive: true });
});

/** 20 steps, with a checkpoint after every fifth. */
async function run(name: string, options: { resumeFromCheckpoint?: boolean; onSave?: () => void } = {}) {
  const { onSave, ...rest } = options;
  const model = network({ seed: 3 });
  const outputDir = join(folder, name);
  const result = await fineTune({
    model,
    train,
    normalize: MNIST_NORMALIZATION,
    epochs: 2,
    perDeviceTrainBatchSize: 16,
    learningRate: 1e-3,
    saveSteps: 5,
    saveTotalLimit: 1,
    reportTo: 'none',
    outputDir,
    ...(onSave ? { callbacks: [{ onSave }] } : {}),
    ...rest,
  });
  return { result, bits: await modelFingerprint(model) };
}

const checkpoints = async (name: string) =>
  (await readdir(join(folder, name))).filter((file) => file.includes('checkpoint'));

// Cut off in the first file, in the middle of one, and in the last.
it.each([10, 30_000, 200_000])(
  'keeps the last good checkpoint with %i bytes left, and goes on from it',
  async (room) => {
    const straight = await run('straight');
    let saved = 0;
    const fillUp = () => {
      saved += 1;
      if (saved === 2) disk.room = room;
    };
    const error = (await run('full', { onSave: fillUp }).catch((error: unknown) => error)) as Error;
    expect(KdError.isInstance(error) && error.code).toBe('UNAVAILABLE');
    expect(error.message).toMatch(
      /^fineTune: cannot write to '.*full': the disk is full \(ENOSPC.*\); the last checkpoint, .*checkpoint-10, is whole: make room, and go on with resumeFromCheckpoint: true$/,
    );
    expect(await checkpoints('full')).toEqual(['checkpoint-10']);
    disk.room = Infinity;
    expect((await run('full', { resumeFromCheckpoint: true })).bits).toBe(straight.bits);
  },
);
