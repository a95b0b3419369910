import { readFile } from 'node:fs/promises';
import '@tensorflow/tfjs-backend-wasm';
import { adamUpdate } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import createWabt from 'wabt';
import { ADAM_MODULE } from './adam-module.ts';
import { completeWasm } from './install.ts';

beforeAll(async () => {
  await tf.setBackend('wasm');
});

describe('KdAdam on WebAssembly', () => {
  it('is the module that adam.wat compiles to', async () => {
    const text = await readFile(new URL('adam.wat', import.meta.url), 'utf8');
    const module = (await createWabt()).parseWat('adam.wat', text, { simd: true });
    expect(ADAM_MODULE).toBe(Buffer.from(module.toBinary({}).buffer).toString('base64'));
  });

  it.each([1, 3, 4, 1023, 4096])('gives the bits of the composition for %d values', (size) => {
    const inputs = [1, 2, 3].map((seed) => tf.randomNormal([size], 0, 1, 'float32', seed));
    const secondMoment = tf.square(tf.randomNormal([size], 0, 1, 'float32', 4));
    const update = () =>
      adamUpdate(inputs[0]!, inputs[1]!, inputs[2]!, secondMoment, {
        learningRate: 3e-4,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        step: 7,
      }).map((tensor) => tensor.dataSync());
    const composed = update();
    const undo = completeWasm();
    expect(tf.getKernel('KdAdam', 'wasm')).toBeDefined();
    const fused = update();
    undo();
    expect(tf.getKernel('KdAdam', 'wasm')).toBeUndefined();
    expect(fused).toEqual(composed);
  });

  it('keeps its addresses when the memory grows', () => {
    const undo = completeWasm();
    const options = { learningRate: 1, beta1: 0, beta2: 0, epsilon: 0, step: 1 };
    const one = tf.ones([1 << 22]); // 16 MB each: the memory has to grow
    const [value] = adamUpdate(tf.zeros([1 << 22]), one, one, one, options);
    expect(tf.max(value).dataSync()[0]).toBe(-1);
    expect(tf.min(value).dataSync()[0]).toBe(-1);
    undo();
  });
});
