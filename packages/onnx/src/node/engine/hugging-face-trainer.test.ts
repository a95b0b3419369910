import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import { areThere, expectRun, RUNS } from '../../../../train/src/testing/hugging-face-run.ts';
import { onnxEngine } from './onnx-engine.ts';

beforeAll(() => tf.setBackend('cpu'));

const engine = onnxEngine({
  threads: 1,
  cacheDir: false,
  onWarning(line) {
    throw new Error(line);
  },
});

describe.skipIf(!areThere).each(RUNS)('%s', (name) => {
  it("goes the way of Hugging Face's Trainer on ONNX Runtime", { timeout: 240_000 }, () => expectRun(name, { engine }));
});
