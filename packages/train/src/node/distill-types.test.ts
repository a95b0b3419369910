import type { DataLoader } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { earlyStopping } from '../callbacks/early-stopping.ts';
import { distill } from './distill.ts';
import { fineTune } from './fine-tune.ts';
import { readRunConfig } from './trainer/run-config.ts';

/** Never called: what the compiler says about it is the test. */
export async function programs(teacher: LayersModel, student: LayersModel, train: DataLoader): Promise<void> {
  const who = { teacher, student, train, validation: train };
  // @ts-expect-error there is no such argument
  await distill({ ...who, temprature: 4 });
  // @ts-expect-error nor this one: names are in camel case
  await fineTune({ model: student, train, learning_rate: 1e-3 });
  await distill({ ...who, fp16: true, gradientCheckpointing: true }); // said at run time
  // @ts-expect-error no such schedule
  await distill({ ...who, lrSchedulerType: 'cosin' });
  // @ts-expect-error nothing computes it
  await distill({ ...who, metricForBestModel: 'f1' });
  await distill({ ...who, metricForBestModel: 'accuracy' });
  await distill({ ...who, metricForBestModel: 'eval_loss' });
  const computeMetrics = () => ({ f1: 0.5 });
  await distill({
    ...who,
    computeMetrics,
    metricForBestModel: 'f1',
    callbacks: [earlyStopping({ metric: 'eval_f1' })],
  });
  // @ts-expect-error it computes another one
  await distill({ ...who, computeMetrics, metricForBestModel: 'recall' });
  await distill({ ...(await readRunConfig('runs/a')), ...who });
  const result = await distill(who);
  const numbers: number[] = [result.train_loss, result.train_runtime, result.eval_loss!, result.test_f1!];
  expect(numbers).toBeDefined();
}

it('is checked by the compiler', () => expect(programs).toBeTypeOf('function'));
