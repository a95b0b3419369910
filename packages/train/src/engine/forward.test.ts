import type { Batch, StepContext } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { cachedTeacher } from '../teachers/cached-teacher.ts';
import { modelTeacher } from '../teachers/model-teacher.ts';
import { digits, network } from '../testing/digits.ts';
import { uploadImages } from './forward.ts';

async function firstBatch(output: 'float32' | 'uint8'): Promise<Batch> {
  for await (const batch of digits(32, { output })) return batch;
  throw new Error('there is no batch');
}

const contextOf = (ids: Batch['ids']): StepContext => ({ seed: 0, epoch: 0, step: 0, ids: ids as Uint32Array });

describe('uploadImages', () => {
  it('makes of uint8 images what the loader makes of them, bit for bit', async () => {
    const [floats, bytes] = [await firstBatch('float32'), await firstBatch('uint8')];
    expect(bytes.images.data).toBeInstanceOf(Uint8Array);
    const tensor = uploadImages(bytes);
    expect(tensor.dtype).toBe('float32');
    expect(tensor.shape).toEqual([32, 28, 28, 1]);
    expect(await tensor.data()).toEqual(floats.images.data);
    tf.dispose(tensor);
  });

  it('refuses uint8 images that do not say how', async () => {
    const { normalization: _normalization, ...bare } = await firstBatch('uint8');
    expect(() => uploadImages(bare)).toThrow(
      "train: uint8 images of shape [32,28,28,1] need the mean and std of 1 channels as the batch's normalization",
    );
  });
});

describe('a cached teacher asked about uint8 images', () => {
  it('answers as about float32 ones, those it knows and those it does not', async () => {
    const [floats, bytes] = [await firstBatch('float32'), await firstBatch('uint8')];
    const plain = modelTeacher(network());
    const expected = await plain.logits(floats, contextOf(floats.ids));
    const teacher = cachedTeacher(plain);
    const half: Batch = {
      ...bytes,
      ids: (bytes.ids as Uint32Array).slice(0, 16),
      images: { data: bytes.images.data.slice(0, 16 * 784), shape: [16, 28, 28, 1] },
      labels: bytes.labels!.slice(0, 16),
    };
    await teacher.logits(half, contextOf(half.ids));
    const answers = await teacher.logits(bytes, contextOf(bytes.ids));
    expect(teacher.counts).toMatchObject({ asked: 32, remembered: 16 });
    answers.forEach((logit, i) => {
      expect(logit).toBeCloseTo(expected[i]!, 5);
    });
  });
});
