import { randomUUID } from 'node:crypto';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrainInfo } from '../callbacks/callback.ts';
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
    epoch: 1,
    global_step: step,
    max_steps: 200,
    num_train_epochs: 100,
    logging_steps: 500,
    eval_steps: 500,
    save_steps: 500,
    train_batch_size: 2,
    log_history: [{ loss: 0.5, learning_rate: 0.1, epoch: 1, step: 2 }],
    best_metric: null,
    best_global_step: null,
    best_model_checkpoint: null,
    total_flos: 0,
    num_input_tokens_seen: 0,
    is_local_process_zero: true,
    is_world_process_zero: true,
    is_hyper_param_search: false,
    trial_name: null,
    trial_params: null,
    stateful_callbacks: {
      kd: {
        args: {
          version: 2,
          objective: 'classification',
          optimizer: 'adam',
          schedule: 'plateau',
          seed: 1,
          learningRate: 0.1,
          data: 'digits',
          gradientAccumulationSteps: 1,
          maxGradNorm: null,
          ema: null,
          batchesPerEpoch: 2,
          teacher: null,
        },
        attributes: {
          epoch: 1,
          batch: 0,
          sums: {},
          log: { sums: {}, steps: 0, counted: 0, learningRate: 0.1, gradNorm: null, totalLoss: 1, totalSteps: 2 },
          best: null,
          history: [],
          runtime: 1.5,
          samplesSeen: 4,
          skippedBatches: 0,
          schedule: { best: Infinity, badEvaluations: 0, current: 1 },
          callbacks: { earlyStopping: { best: -Infinity, badEvaluations: 0 } },
        },
      },
    },
  },
  model: [{ name: 'fc1/kernel', shape: [2], data: Float32Array.of(step, Number.NaN) }],
  optimizer: [{ name: 'step/fc1/kernel', shape: [1], data: Int32Array.of(step) }],
  ema: [{ name: 'fc1/kernel', shape: [2], data: Float32Array.of(step / 2, 1) }],
  best: [],
});

describe('checkpointFolder', () => {
  it('gives back what was saved, infinities included', async () => {
    const store = checkpointFolder(folder);
    expect(await store.load()).toBeUndefined();
    expect(await store.save(at(7))).toBe(join(folder, 'checkpoint-7'));
    expect(await store.load()).toEqual({ ...at(7), path: join(folder, 'checkpoint-7') });
  });

  it('says where the checkpoint of the best step is, while it is there', async () => {
    const store = checkpointFolder(folder, { keep: 2 });
    const places: (string | null)[] = [];
    for (const step of [3, 4, 5]) {
      const checkpoint = at(step);
      await store.save({ ...checkpoint, state: { ...checkpoint.state, best_global_step: 3 } });
      places.push((await store.load())!.state.best_model_checkpoint);
    }
    expect(places).toEqual([join(folder, 'checkpoint-3'), join(folder, 'checkpoint-3'), null]);
  });

  it('keeps the newest', async () => {
    const store = checkpointFolder(folder, { keep: 2 });
    for (const step of [9, 10, 100]) await store.save(at(step));
    expect((await readdir(folder)).sort()).toEqual(['checkpoint-10', 'checkpoint-100']);
    expect((await store.load())!.state.global_step).toBe(100);
  });

  it('removes what an earlier run left, which would be taken for the newest', async () => {
    const store = checkpointFolder(folder, { keep: 2 });
    for (const step of [400, 500, 10, 20]) await store.save(at(step));
    expect((await readdir(folder)).sort()).toEqual(['checkpoint-10', 'checkpoint-20']);
    expect((await store.load())!.state.global_step).toBe(20);
  });

  it('passes over one that was damaged or is not whole', async () => {
    const store = checkpointFolder(folder, { keep: 3 });
    for (const step of [1, 2]) await store.save(at(step));
    await appendFile(join(folder, 'checkpoint-2', 'model.safetensors'), 'x');
    await mkdir(join(folder, 'checkpoint-3'));
    expect((await store.load())!.state.global_step).toBe(1);
    await writeFile(join(folder, 'checkpoint-1', 'trainer_state.json'), '{}');
    await expect(store.load()).rejects.toThrow(
      /no whole checkpoint in '.*': .*checkpoint-3: .*ENOENT.*model.safetensors is not what/,
    );
  });
});

describe('a run in a folder', () => {
  const left = (name: string) => `.${name}.${randomUUID()}`;

  it('keeps other runs out until it has ended', async () => {
    const store = checkpointFolder(folder);
    await store.open!();
    await store.save(at(3));
    await expect(checkpointFolder(folder).open!()).rejects.toThrow('has been writing to');
    await store.close!();
    await store.close!();
    const second = checkpointFolder(folder);
    await second.open!();
    await second.close!();
    expect(await readdir(folder)).toEqual(['checkpoint-3']);
  });

  it('clears up what writes of checkpoints that were killed have left, and nothing else', async () => {
    const store = checkpointFolder(folder);
    await store.save(at(3));
    await mkdir(join(folder, left('checkpoint-4'))); // killed before there was a file
    await cp(join(folder, 'checkpoint-3'), join(folder, left('checkpoint-3')), { recursive: true });
    const others = [left('report.html'), 'checkpoint-x', 'notes'];
    for (const name of others) await writeFile(join(folder, name), '');
    await store.open!();
    await store.close!();
    expect((await readdir(folder)).sort()).toEqual(['checkpoint-3', ...others].sort());
  });

  it.each([1, 2])(
    'killed while it replaced a checkpoint, of which %i are whole beside its place, loses nothing',
    async (copies) => {
      const store = checkpointFolder(folder);
      await store.save(at(3));
      const whole = join(folder, 'checkpoint-3');
      for (let i = 1; i < copies; i++) await cp(whole, join(folder, left('checkpoint-3')), { recursive: true });
      await rename(whole, join(folder, left('checkpoint-3')));
      await mkdir(join(folder, left('checkpoint-3')));
      expect(await store.load()).toBeUndefined();
      await store.open!();
      await store.close!();
      expect(await readdir(folder)).toEqual(['checkpoint-3']);
      expect(await store.load()).toMatchObject(at(3));
    },
  );
});

describe('metricsJsonl', () => {
  const lines = async (path: string): Promise<{ network: string; step: number }[]> =>
    (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const starting = (step: number) => ({ start: { epoch: 0, batch: 0, step } }) as TrainInfo;

  it('goes back to the step that a run starts from, with its own lines alone', async () => {
    const path = join(folder, 'metrics.jsonl');
    const [teacher, student] = ['teacher', 'student'].map((network) => metricsJsonl(path, { network }));
    for (const step of [5, 10, 15]) {
      for (const { onEpochEnd } of [teacher!, student!]) {
        await onEpochEnd!({ epoch: step / 5, step, train_loss: 1 } as never, { stop: () => {} });
      }
    }
    await appendFile(path, '{"network":"student","epo'); // killed here
    await writeFile(join(folder, `.metrics.jsonl.${randomUUID()}`), '{'); // and here, when it was resumed before
    await student!.onTrainBegin!(starting(10));
    expect((await lines(path)).map(({ network, step }) => `${network} ${step}`)).toEqual([
      'teacher 5',
      'student 5',
      'teacher 10',
      'student 10',
      'teacher 15',
    ]);
    expect(await readdir(folder)).toEqual(['metrics.jsonl']);
    await teacher!.onTrainBegin!(starting(0));
    expect((await lines(path)).map(({ network, step }) => `${network} ${step}`)).toEqual(['student 5', 'student 10']);
  });

  it('leaves what is not its own, and makes no file before there is a line', async () => {
    const path = join(folder, 'metrics.jsonl');
    const { onTrainBegin } = metricsJsonl(path);
    await onTrainBegin!(starting(3));
    expect(await readdir(folder)).toEqual([]);
    await writeFile(path, '# by hand\n{"step":3}\n');
    await onTrainBegin!(starting(3));
    expect(await readFile(path, 'utf8')).toBe('# by hand\n{"step":3}\n');
  });

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
