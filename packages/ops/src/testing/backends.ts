import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';

/** Runs tests on each backend that we train on here: their kernels differ. */
export function onEachBackend(name: string, tests: () => void): void {
  describe.each(['cpu', 'wasm'])(`${name} on %s`, (backend) => {
    beforeAll(async () => {
      await tf.setBackend(backend);
    });
    tests();
  });
}
