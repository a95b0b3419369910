import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { checkKernels } from './check-kernels.ts';
import { completeWasm } from './wasm/install.ts';

function convolutional(): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, inputShape: [null, null, 3], padding: 'same' }),
      tfl.layers.batchNormalization({}),
      tfl.layers.reLU({ maxValue: 6 }),
      tfl.layers.depthwiseConv2d({ kernelSize: 3 }),
      tfl.layers.maxPooling2d({ poolSize: 2 }),
      tfl.layers.globalAveragePooling2d({}),
      tfl.layers.dense({ units: 2 }),
    ],
  });
}

const textual = () =>
  tfl.sequential({
    layers: [
      tfl.layers.embedding({ inputDim: 5, outputDim: 4, inputLength: 3 }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 2 }),
    ],
  });

it('finds nothing missing on cpu', async () => {
  await tf.setBackend('cpu');
  expect(checkKernels(convolutional())).toEqual({ backend: 'cpu', missing: [] });
});

it('lists all that stock WebAssembly lacks, and how to get it', async () => {
  await tf.setBackend('wasm');
  const { missing, advice } = checkKernels(convolutional());
  expect([...missing].sort()).toEqual([
    'Conv2DBackpropFilter',
    'DepthwiseConv2dNativeBackpropFilter',
    'DepthwiseConv2dNativeBackpropInput',
  ]);
  expect(advice).toContain('call completeWasm()');
  expect(checkKernels(textual()).missing).toEqual(['UnsortedSegmentSum']);
  const undo = completeWasm();
  expect(checkKernels(convolutional()).missing).toEqual([]);
  expect(checkKernels(textual()).missing).toEqual([]);
  undo();
});

it('changes no weight, registers nothing for good and keeps no tensor', async () => {
  await tf.setBackend('wasm');
  const model = convolutional();
  const before = model.getWeights().map((weight) => weight.dataSync());
  const count = tf.memory().numTensors;
  checkKernels(model);
  expect(tf.memory().numTensors).toBe(count);
  expect(model.getWeights().map((weight) => weight.dataSync())).toEqual(before);
  expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBeUndefined();
});

it("passes on the model's own errors", async () => {
  await tf.setBackend('cpu');
  const broken = {
    inputs: [{ shape: [null, 2], dtype: 'float32' as const }],
    weights: [],
    apply: () => {
      throw new Error('no such layer');
    },
  };
  expect(() => checkKernels(broken)).toThrow('no such layer');
});
