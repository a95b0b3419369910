import { spawnSync } from 'node:child_process';
import type { Worker } from 'node:worker_threads';
import type { Batch } from '@kd/core';
import { expect, it, vi } from 'vitest';
import { createProcessor } from '../../processors/create-processor.ts';
import { pngDataset } from '../../testing/png-dataset.ts';
import { dataLoader } from '../data-loader.ts';

const started: Worker[] = [];

vi.mock('node:worker_threads', async (original) => {
  const threads = await original<typeof import('node:worker_threads')>();
  class Watched extends threads.Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      started.push(this);
    }
  }
  return { ...threads, Worker: Watched };
});

const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 16, width: 16 } });

it('has one set of threads for all loaders, and says so if one ends', async () => {
  const dataset = await pngDataset(24);
  const load = async (onBatch: (batch: Batch) => void = () => {}): Promise<void> => {
    const options = { batchSize: 2, processor, workers: 2, prefetch: 3 };
    for await (const batch of dataLoader(dataset, options)) onBatch(batch);
  };
  await Promise.all([load(), load(), load()]);
  expect(started).toHaveLength(2);
  const ended = Promise.all(started.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));
  await expect(load(() => void started.forEach((worker) => void worker.terminate()))).rejects.toThrow(
    "dataLoader: a worker thread ended: exit code 1; with 'workers: 0' there are none",
  );
  await ended;
  await load();
  expect(started).toHaveLength(4);
});

it.each(['', 'break;', "throw new Error('mine');"])('lets the process exit after a loop with { %s }', (inLoop) => {
  const source = (path: string): string => new URL(path, import.meta.url).href;
  const script = `
    import { pngDataset } from '${source('../../testing/png-dataset.ts')}';
    import { createProcessor } from '${source('../../processors/create-processor.ts')}';
    import { dataLoader } from '${source('../data-loader.ts')}';
    const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: 16 });
    let batches = 0;
    for await (const _ of dataLoader(await pngDataset(40), { batchSize: 2, processor, workers: 2 })) { batches++; ${inLoop} }
    console.log(batches);`;
  const from = ['--conditions=@kd/source', '--import', 'tsx', '--input-type=module', '--eval', script];
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, from, { encoding: 'utf8', timeout: 40_000 });
  expect(signal).toBeNull();
  expect([status, stdout.trim()]).toEqual(inLoop.includes('throw') ? [1, ''] : [0, inLoop ? '1' : '20']);
  expect(stderr).toMatch(inLoop.includes('throw') ? /Error: mine/ : /^$/);
});
