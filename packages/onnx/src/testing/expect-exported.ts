import * as tf from '@tensorflow/tfjs-core';
import type * as Ort from 'onnxruntime-node';
import { expect } from 'vitest';
import { toOnnx } from '../export/to-onnx.ts';
import { expectClose } from './expect-close.ts';
import { type ExportedName, exportedModel, firstOutput, threeImages } from './exported-models.ts';

/** What onnxruntime-node and onnxruntime-web have in common. */
type Runtime = Pick<typeof Ort, 'InferenceSession' | 'Tensor'>;

/** Asserts that a runtime gives the logits of an exported model, for three images and for one. */
export async function expectExported(runtime: Runtime, name: ExportedName): Promise<void> {
  const { model, image } = exportedModel(name);
  const session = await runtime.InferenceSession.create(await toOnnx(model, { inputShape: image }));
  expect([session.inputNames, session.outputNames]).toEqual([['pixel_values'], ['logits']]);

  async function logitsOf(images: tf.Tensor4D): Promise<tf.Tensor> {
    const nchw = tf.tidy(() => tf.transpose(images, [0, 3, 1, 2]));
    const input = new runtime.Tensor('float32', nchw.dataSync() as Float32Array, nchw.shape);
    const { logits } = await session.run({ pixel_values: input });
    return tf.tensor(logits!.data as Float32Array, [...logits!.dims]);
  }

  const images = threeImages(image);
  const expected = firstOutput(model, images);
  const spread = tf.sub(tf.max(expected, 0), tf.min(expected, 0));
  const seen = tf.div(tf.max(spread), tf.max(tf.abs(expected))).dataSync()[0];
  expect(seen, 'how much the images matter to the logits').toBeGreaterThan(0.01);
  expectClose(await logitsOf(images), expected, 1e-4, 'logits of three images');
  expectClose(await logitsOf(tf.slice(images, 0, 1)), tf.slice(expected, 0, 1), 1e-4, 'logits of one image');
  await session.release();
  model.dispose();
}
