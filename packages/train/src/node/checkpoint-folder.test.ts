import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../loop/checkpoint.ts';
import { checkpointFolder } from './checkpoint-folder.ts';
import { metricsJsonl } from './jsonl.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd checkpoints '));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (step: number): Checkpoint => ({
  state: {
    version: 1,
    run: {
      objective: 'classification',
      optimizer: 'adam',
      schedule: 'plateau',
      seed: 1,
      learningRate: 0.1,
      data: 'digits',
      gradientAccumulationSteps: 1,
      maxGradNorm: null,
      batchesPerEpoch: 2,
      teacher: null,
    },
    epoch: 1,
    batch: 0,
    step,
    sums: {},
    best: null,
    history: [],
    runtime: 1.5,
    samplesSeen: 4,
    schedule: { best: Infinity, badEpochs: 0, current: 1 },
    callbacks: { earlyStopping: { best: -Infinity, badEpochs: 0 } },
  },
  model: [{ name: 'fc1/kernel', shape: [2], data: Float32Array.of(step, Number.NaN) }],
  optimizer: [{ name: 'step/fc1/kernel', shape: [1], data: Int32Array.of(step) }],
  best: [],
});

describe('checkpointFolder', () => {
  it('gives back what was saved, infinities included', async () => {
    const store = checkpointFolder(folder);
    expect(await store.load()).toBeUndefined();
    expect(await store.save(at(7))).toBe(join(folder, 'checkpoint-7'));
    expect(await store.load()).toEqual(at(7));
  });

  it('keeps the newest', async () => {
    const store = checkpointFolder(folder, { keep: 2 });
    for (const step of [9, 10, 100]) await store.save(at(step));
    expect((await readdir(folder)).sort()).toEqual(['checkpoint-10', 'checkpoint-100']);
    expect((await store.load())!.state.step).toBe(100);
  });

  it('removes what an earlier run left, which would be taken for the newest', async () => {
    const store = checkpointFolder(folder, { keep: 2 });
    for (const step of [400, 500, 10, 20]) await store.save(at(step));
    expect((await readdir(folder)).sort()).toEqual(['checkpoint-10', 'checkpoint-20']);
    expect((await store.load())!.state.step).toBe(20);
  });

  it('passes over one that was damaged or is not whole', async () => {
    const store = checkpointFolder(folder, { keep: 3 });
    for (const step of [1, 2]) await store.save(at(step));
    await appendFile(join(folder, 'checkpoint-2', 'model.safetensors'), 'x');
    await mkdir(join(folder, 'checkpoint-3'));
    expect((await store.load())!.state.step).toBe(1);
    await writeFile(join(folder, 'checkpoint-1', 'trainer_state.json'), '{}');
    await expect(store.load()).rejects.toThrow(
      /no whole checkpoint in '.*': .*checkpoint-3: .*ENOENT.*model.safetensors is not what/,
    );
  });
});

describe('metricsJsonl', () => {
  it('appends one object a line', async () => {
    const path = join(folder, 'a', 'metrics.jsonl');
    const { onEpochEnd } = metricsJsonl(path, { network: 'student' });
    const metrics = { epoch: 1, step: 5, train_loss: 0.5, eval_loss: 0.25 } as never;
    await onEpochEnd!(metrics, { stop: () => {} });
    await onEpochEnd!(metrics, { stop: () => {} });
    const lines = (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(4);
    expect(lines[2]).toMatchObject({ network: 'student', epoch: 1, step: 5, split: 'train', train_loss: 0.5 });
    expect(lines[3]).toMatchObject({ network: 'student', epoch: 1, step: 5, split: 'validation', eval_loss: 0.25 });
    expect(lines[3]).not.toHaveProperty('train_loss');
  });
});
