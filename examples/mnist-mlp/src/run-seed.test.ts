import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { presetConfig } from './config.ts';
import { loadData } from './data.ts';
import { chooseEngine } from './engine.ts';
import { runSeed } from './run-seed.ts';

it.each(['onnx', 'tfjs'] as const)('a seed leaves its teacher behind and no other tensors, with %s', async (choice) => {
  const config = presetConfig('quick');
  config.sanityCheck = true;
  for (const network of [config.teacher, config.student]) Object.assign(network, { hiddenSizes: [16], epochs: 1 });
  const [data, engine] = [await loadData(config), await chooseEngine(choice, () => {})];
  const screen = { print: () => {}, progress: () => ({}) };
  const folder = await mkdtemp(join(tmpdir(), 'kd seeds '));
  const tensors: number[] = [];
  for (const seed of [1, 2]) {
    const signal = new AbortController().signal;
    const stage = { config, seed, data, folder: join(folder, String(seed)), subfolder: '', engine, screen, signal };
    (await runSeed(stage)).teacher.dispose();
    tensors.push(tf.memory().numTensors);
  }
  await rm(folder, { recursive: true });
  expect(tensors[1]).toBe(tensors[0]);
});
