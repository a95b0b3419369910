import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '@kd/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Predictions } from '../loop/ask-loader.ts';
import { predictionsFile, readPredictions } from './predictions-file.ts';
import { readBaseline } from './read-baseline.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd-predictions-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const control = { stop: () => {} };
const score = { eval_loss: 1, eval_accuracy: 1, eval_runtime: 1, eval_samples_per_second: 1, eval_steps_per_second: 1 };

const answers = (first: number): Predictions => ({
  logits: Float32Array.of(first, 0.1, -1e-30, 3.4e38),
  labels: Int32Array.of(0, 1),
  ids: ['a/b.jpg', 7],
  classes: 2,
});

async function evaluate(path: string, epochs: readonly { first: number; isBest: boolean }[]): Promise<Predictions> {
  const callback = predictionsFile(path);
  for (const [i, { first, isBest }] of epochs.entries()) {
    await callback.onPredictions!(answers(first));
    await callback.onEvaluate!(score, { epoch: i + 1, step: i + 1, isBest, bestReloaded: false }, control);
  }
  return readPredictions(path);
}

describe('predictionsFile', () => {
  it('keeps answers bit for bit, with labels and ids', async () => {
    expect(await evaluate(join(folder, 'new', 'one.safetensors'), [{ first: 5, isBest: false }])).toEqual(answers(5));
  });

  it('keeps those of the best evaluation if there is one, else the last', async () => {
    const last = await evaluate(
      join(folder, 'last'),
      [1, 2, 3].map((first) => ({ first, isBest: false })),
    );
    expect(last.logits[0]).toBe(3);
    const best = await evaluate(
      join(folder, 'best'),
      [1, 2, 3].map((first) => ({ first, isBest: first < 3 })),
    );
    expect(best.logits[0]).toBe(2);
  });

  it('is not taken for another file', async () => {
    const path = join(folder, 'weights');
    await writeFile(path, writeSafetensors([{ name: 'kernel', shape: [1], data: Float32Array.of(1) }]));
    await expect(readPredictions(path)).rejects.toThrow(`readPredictions: '${path}' has no logits with an id`);
  });
});

describe('readBaseline', () => {
  const line = (values: object): string => `${JSON.stringify(values)}\n`;

  it('reads a log, the last of what was done twice, and the predictions beside it', async () => {
    const run = join(folder, 'scratch');
    await evaluate(join(run, 'predictions.safetensors'), [{ first: 5, isBest: false }]);
    const text = [
      { epoch: 1, step: 10, split: 'train', time: 'then', train_loss: 2, is_best: true },
      { epoch: 1, step: 10, split: 'validation', eval_loss: 1.5, eval_accuracy: 0.5 },
      { epoch: 2, step: 20, split: 'validation', eval_loss: 9, eval_accuracy: 0.1 },
      { epoch: 2, step: 20, split: 'validation', eval_loss: 1, eval_accuracy: 0.75 },
    ].map(line);
    await writeFile(join(run, 'metrics.jsonl'), `${text.join('')}{"epoch": 3, "st`);
    expect(await readBaseline(run)).toEqual({
      name: 'scratch',
      history: [
        { epoch: 1, step: 10, train_loss: 2, eval_loss: 1.5, eval_accuracy: 0.5 },
        { epoch: 2, step: 20, eval_loss: 1, eval_accuracy: 0.75 },
      ],
      predictions: answers(5),
    });
  });

  it('takes the lines of one network, and needs no predictions', async () => {
    const path = join(folder, 'all.jsonl');
    const text = ['teacher', 'scratch'].map((network, i) => line({ network, epoch: 1, step: 1, eval_loss: i }));
    await writeFile(path, text.join(''));
    expect(await readBaseline(path, { name: 'Labels alone', where: { network: 'scratch' } })).toEqual({
      name: 'Labels alone',
      history: [{ epoch: 1, step: 1, eval_loss: 1 }],
    });
    await expect(readBaseline(path, { where: { network: 'nobody' } })).rejects.toThrow(
      `readBaseline: '${path}' has no evaluation where {"network":"nobody"}`,
    );
  });

  it('says what is missing or broken', async () => {
    await expect(readBaseline(join(folder, 'nowhere'))).rejects.toThrow(
      /^readBaseline: there is no '.*metrics\.jsonl'/,
    );
    const path = join(folder, 'broken.jsonl');
    await writeFile(path, `{"epoch": 1,\n${line({ epoch: 1, step: 1, eval_loss: 1 })}`);
    await expect(readBaseline(path)).rejects.toThrow(`readBaseline: line 1 of '${path}' is no JSON`);
  });
});
