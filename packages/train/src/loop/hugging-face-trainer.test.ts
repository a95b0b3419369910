import '@tensorflow/tfjs-backend-wasm';
import { completeWasm } from '@kd/backend';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import { areThere, expectRun, RUNS } from '../testing/hugging-face-run.ts';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await completeWasm();
});

describe.skipIf(!areThere).each(RUNS)('%s', (name) => {
  it("goes the way of Hugging Face's Trainer, step by step", { timeout: 120_000 }, () => expectRun(name));
});
