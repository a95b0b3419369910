import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { replaceGradient, replaceKernel } from './registry.ts';

it('replaces a kernel by one that may call it, and puts it back', async () => {
  await tf.setBackend('cpu');
  const original = tf.getKernel('Square', 'cpu');
  const calls: string[] = [];
  const undo = replaceKernel('cpu', 'Square', (kernel) => (call) => {
    calls.push('Square');
    return kernel!(call);
  });
  expect(tf.square(3).dataSync()[0]).toBe(9);
  undo();
  expect(tf.square(3).dataSync()[0]).toBe(9);
  expect(calls).toEqual(['Square']);
  expect(tf.getKernel('Square', 'cpu')).toBe(original);
});

it('registers a kernel where there is none, and takes it away', () => {
  const undo = replaceKernel('cpu', 'KdTest', (kernel) => {
    expect(kernel).toBeUndefined();
    return () => [];
  });
  expect(tf.getKernel('KdTest', 'cpu')).toBeDefined();
  undo();
  expect(tf.getKernel('KdTest', 'cpu')).toBeUndefined();
});

it('replaces a gradient on one backend only, and puts it back', async () => {
  const original = tf.getGradient('Square');
  const undo = replaceGradient('cpu', 'Square', (dy) => ({ x: () => tf.mul(dy as tf.Tensor, 100) }));
  const gradient = tf.grad((x) => tf.square(x));
  const at = async (backend: string) => {
    await tf.setBackend(backend);
    return gradient(tf.scalar(3)).dataSync()[0];
  };
  expect([await at('cpu'), await at('wasm')]).toEqual([100, 6]);
  undo();
  expect([await at('cpu'), await at('wasm')]).toEqual([6, 6]);
  expect(tf.getGradient('Square')).toBe(original);
});
