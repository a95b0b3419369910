import '@tensorflow/tfjs-backend-wasm';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeWasm } from '@kd/backend';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { areThere, expectRun } from '../testing/hugging-face-run.ts';
import { distill } from './distill.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd trainer '));
  await tf.setBackend('wasm');
  await completeWasm();
});
afterAll(() => rm(folder, { recursive: true }));

const camel = (name: string): string => name.replaceAll(/_([a-z\d])/g, (_, letter) => letter.toUpperCase());

const title = `distill${areThere ? '' : ' (skipped: no ../shared/goldens/hf/trainer)'}`;

// The arguments are those of the Trainer, to the letter but for the case: what is not among them has to be its default.
describe.skipIf(!areThere)(title, () => {
  it.each([
    ['resnet_default', 10],
    ['resnet_decay_warmup_clip', 10],
    ['resnet_partial_accumulate', 10],
    ['mobilenet_v2_sgd', 30], // as hugging-face-trainer.test.ts says
  ])("goes the way of Hugging Face's Trainer with its arguments: %s", { timeout: 120_000 }, async (name, allowance) => {
    await expectRun(name, {
      allowance,
      run({ model: student, teacher, train, callbacks }, given) {
        const args = Object.fromEntries(Object.entries(given).map(([key, value]) => [camel(key), value]));
        const outputDir = join(folder, name);
        return distill({ student, teacher, train, callbacks, temperature: 5, lambda: 0.5, outputDir, ...args });
      },
    });
  });
});
