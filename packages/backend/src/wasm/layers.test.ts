import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { expectClose } from '../../../ops/src/testing/check-op.ts';
import { completeWasm } from './install.ts';
import { hideMemory } from './testing/hide-memory.ts';

/** Losses of five steps of a network of plain `tf.layers`, of MobileNetV2's kind, on the current backend. */
function train(): number[] {
  let seed = 1; // 0 is none
  const kernelInitializer = () => tfl.initializers.heNormal({ seed: seed++ });
  const batchNormRelu6 = () => [tfl.layers.batchNormalization(), tfl.layers.reLU({ maxValue: 6 })];
  const pointwise = (filters: number) =>
    tfl.layers.conv2d({ filters, kernelSize: 1, useBias: false, kernelInitializer: kernelInitializer() });
  const depthwise = (strides: number) =>
    tfl.layers.depthwiseConv2d({
      kernelSize: 3,
      strides,
      padding: 'same',
      useBias: false,
      depthwiseInitializer: kernelInitializer(),
    });
  const chain = (x: tfl.SymbolicTensor, ...layers: tfl.layers.Layer[]): tfl.SymbolicTensor =>
    layers.reduce((input, layer) => layer.apply(input) as tfl.SymbolicTensor, x);
  const stem = tfl.layers.conv2d({
    filters: 8,
    kernelSize: 3,
    strides: 2,
    padding: 'same',
    activation: 'relu',
    kernelInitializer: kernelInitializer(),
  });
  const input = tfl.input({ shape: [15, 15, 3] });
  const x = chain(input, stem, tfl.layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }));
  const block = [pointwise(24), ...batchNormRelu6(), depthwise(1), ...batchNormRelu6(), pointwise(8)];
  const sum = tfl.layers.add().apply([x, chain(x, ...block, tfl.layers.batchNormalization())]) as tfl.SymbolicTensor;
  const down = [depthwise(2), tfl.layers.averagePooling2d({ poolSize: 2, strides: 2, padding: 'valid' })];
  const head = tfl.layers.dense({ units: 5, kernelInitializer: kernelInitializer() });
  const outputs = chain(sum, ...down, tfl.layers.globalAveragePooling2d({}), head);
  const model = tfl.model({ inputs: input, outputs });
  const images = tf.randomNormal([8, 15, 15, 3], 0, 1, 'float32', 1);
  const labels = tf.cast(tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 0, 1, 2], 'int32'), 5), 'float32');
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const optimizer = tf.train.momentum(0.1, 0.9);
  return Array.from({ length: 5 }, () =>
    tf.tidy(() => {
      const logits = () => model.apply(images, { training: true }) as tf.Tensor;
      const loss = () => tf.losses.softmaxCrossEntropy(labels, logits()) as tf.Scalar;
      return optimizer.minimize(loss, true, variables)!.dataSync()[0]!;
    }),
  );
}

it.each([
  ['by our kernels', () => () => {}],
  ['without', hideMemory],
] as const)('plain tf.layers train as on cpu, %s', async (_, hide) => {
  await tf.setBackend('cpu');
  const expected = train();
  expect(expected.at(-1)!).toBeLessThan(expected[0]! - 0.1);
  await tf.setBackend('wasm');
  const show = hide();
  const undo = completeWasm();
  expectClose(train(), expected, 1e-4, 'loss');
  undo();
  show();
});
