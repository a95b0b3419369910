import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { TrainInfo } from '../../callbacks/callback.ts';
import type { EpochMetrics } from '../../loop/train-result.ts';
import { parseCsv } from './csv.ts';
import { metricsCsv } from './metrics-csv.ts';

let folder: string;
let path: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd-csv-'));
});
beforeEach(() => {
  path = join(folder, `${files++}`, 'metrics.csv');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const begin = (step: number): TrainInfo => ({ start: { epoch: 0, batch: 0, step } }) as TrainInfo;
const control = { stop: () => {} };

const metrics = (epoch: number, more: Record<string, number> = {}): EpochMetrics => ({
  epoch,
  step: epoch * 10,
  learning_rate: 0.1 / 3,
  train_loss: 1 / epoch,
  epoch_runtime: 1,
  train_samples_per_second: 5,
  is_best: epoch === 1,
  best_reloaded: false,
  ...more,
});

/** The file as objects, without the times. */
async function rows(): Promise<Record<string, string>[]> {
  const [columns, ...records] = parseCsv(await readFile(path, 'utf8'));
  return records.map((record) =>
    Object.fromEntries(columns!.map((name, i) => [name, record[i]!]).filter(([name]) => name !== 'time')),
  );
}

it('writes a row for each epoch, numbers to the last digit', async () => {
  const csv = metricsCsv(path, { network: 'student, "small"' });
  await csv.onTrainBegin!(begin(0));
  await csv.onEpochEnd!(metrics(1), control);
  await csv.onEpochEnd!(metrics(3), control);
  const text = await readFile(path, 'utf8');
  expect(text.split('\r\n')[0]).toBe(
    'network,epoch,step,time,learning_rate,train_loss,epoch_runtime,train_samples_per_second,is_best,best_reloaded',
  );
  expect(text.split('\r\n')).toHaveLength(4);
  const all = await rows();
  expect(all.map(({ network, epoch, step, is_best }) => [network, epoch, step, is_best])).toEqual([
    ['student, "small"', '1', '10', 'true'],
    ['student, "small"', '3', '30', 'false'],
  ]);
  expect(Number(all[1]!.train_loss)).toBe(1 / 3);
  expect(Number(all[1]!.learning_rate)).toBe(0.1 / 3);
});

it('gives a metric that comes up later a column of its own', async () => {
  const csv = metricsCsv(path);
  await csv.onTrainBegin!(begin(0));
  await csv.onEpochEnd!(metrics(1), control);
  await csv.onEpochEnd!(metrics(2, { eval_f1: 0.5 }), control);
  await csv.onEpochEnd!(metrics(3), control);
  expect((await rows()).map(({ epoch, eval_f1 }) => [epoch, eval_f1])).toEqual([
    ['1', ''],
    ['2', '0.5'],
    ['3', ''],
  ]);
});

it('has an evaluation inside of an epoch as a row, and one at its end in the row of the epoch', async () => {
  const csv = metricsCsv(path);
  await csv.onTrainBegin!(begin(0));
  const result = {
    eval_loss: 0.5,
    eval_accuracy: 0.9,
    eval_runtime: 1,
    eval_samples_per_second: 9,
    eval_steps_per_second: 1,
  };
  const info = { isBest: false, bestReloaded: false };
  await csv.onEvaluate!(result, { ...info, epoch: 0.5, step: 5 }, control);
  await csv.onEvaluate!({ ...result, eval_loss: 0.4 }, { ...info, epoch: 1, step: 10 }, control);
  await csv.onEpochEnd!(metrics(1, { eval_loss: 0.4 }), control);
  // A run that ends inside of an epoch: one row, with all there is to say.
  await csv.onEvaluate!({ ...result, eval_loss: 0.3 }, { ...info, epoch: 1.5, step: 15 }, control);
  await csv.onEpochEnd!(metrics(1.5), control);
  expect((await rows()).map(({ step, eval_loss, train_loss }) => [step, eval_loss, train_loss])).toEqual([
    ['5', '0.5', ''],
    ['10', '0.4', '1'],
    ['15', '0.3', String(1 / 1.5)],
  ]);
});

it('takes out what a resumed run does again, and nothing of other runs', async () => {
  const other = metricsCsv(path, { network: 'teacher' });
  await other.onTrainBegin!(begin(0));
  for (const epoch of [1, 2, 3]) await other.onEpochEnd!(metrics(epoch), control);
  const first = metricsCsv(path, { network: 'student' });
  await first.onTrainBegin!(begin(0));
  for (const epoch of [1, 2, 3]) await first.onEpochEnd!(metrics(epoch), control);
  const resumed = metricsCsv(path, { network: 'student' });
  await resumed.onTrainBegin!(begin(20));
  for (const epoch of [3, 4]) await resumed.onEpochEnd!(metrics(epoch), control);
  expect((await rows()).map(({ network, epoch }) => `${network} ${epoch}`)).toEqual([
    'teacher 1',
    'teacher 2',
    'teacher 3',
    'student 1',
    'student 2',
    'student 3',
    'student 4',
  ]);
  const again = metricsCsv(path, { network: 'student' });
  await again.onTrainBegin!(begin(0));
  expect(await rows()).toHaveLength(3);
});

it('goes on behind a row that broke off', async () => {
  const csv = metricsCsv(path);
  await csv.onTrainBegin!(begin(0));
  await csv.onEpochEnd!(metrics(1), control);
  await csv.onEpochEnd!(metrics(2), control);
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.slice(0, -9));
  const resumed = metricsCsv(path);
  await resumed.onTrainBegin!(begin(10));
  await resumed.onEpochEnd!(metrics(2), control);
  expect((await rows()).map(({ epoch }) => epoch)).toEqual(['1', '2']);
});

it('refuses a file that is no log', async () => {
  const csv = metricsCsv(path);
  await csv.onEpochEnd!(metrics(1), control);
  await writeFile(path, 'name,price\r\nbeans,2\r\n');
  await expect(metricsCsv(path).onTrainBegin!(begin(0))).rejects.toThrow(
    `metricsCsv: '${path}' has the columns name, price and no 'step', so it is no log of a run; give another path`,
  );
  expect(await readFile(path, 'utf8')).toBe('name,price\r\nbeans,2\r\n');
});
