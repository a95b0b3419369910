import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import type { Teacher } from '../teachers/teacher.ts';
import { type HardDistillationObjectiveOptions, hardDistillation } from './hard-distillation.ts';

const teacher = { deterministic: true } as Teacher;
const student = [2, -1, 0.5, 0, 3, 1];
const taught = [1, 4, 2, 5, 0, 3]; // 1 and 0
const classes = 3;

function measure(options: Partial<HardDistillationObjectiveOptions>, labels?: number[]) {
  const objective = hardDistillation({ teacher, ...options });
  return tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad(
      (logits: tf.Tensor) =>
        objective.loss({
          studentLogits: logits as tf.Tensor2D,
          studentFeatures: {},
          teacherLogits: tf.tensor2d(taught, [2, classes]),
          ...(labels ? { labels: tf.tensor1d(labels, 'int32') } : {}),
          context: { seed: 0, epoch: 0, step: 0, ids: Uint32Array.of(0, 1) },
        }).loss,
    )(tf.tensor2d(student, [2, classes]));
    return { loss: value.dataSync()[0]!, gradient: Array.from(grad.dataSync()) };
  });
}

/** Mean cross-entropy with smoothed labels, and its gradient, in float64. */
function reference(labels: number[], smoothing: number) {
  const gradient: number[] = [];
  let loss = 0;
  labels.forEach((label, row) => {
    const logits = student.slice(row * classes, (row + 1) * classes);
    const total = logits.reduce((sum, value) => sum + Math.exp(value), 0);
    logits.forEach((value, at) => {
      const share = smoothing / classes + (at === label ? 1 - smoothing : 0);
      loss -= (share * (value - Math.log(total))) / 2;
      gradient.push((Math.exp(value) / total - share) / 2);
    });
  });
  return [loss, ...gradient];
}

it.each([
  [{}, 0.5, 0.5, 0, 0],
  [{ labelSmoothing: 0.1 }, 0.5, 0.5, 0.1, 0],
  [{ teacherWeight: 0.9, labelWeight: 0.2, labelSmoothing: 0.2, teacherLabelSmoothing: 0.05 }, 0.9, 0.2, 0.2, 0.05],
])('is the weighted sum of two cross-entropies: %o', (options, teacherWeight, labelWeight, smoothing, teachers) => {
  const { loss, gradient } = measure(options, [2, 1]);
  const [own, other] = [reference([2, 1], smoothing), reference([1, 0], teachers)];
  [loss, ...gradient].forEach((value, i) => {
    expect(Math.abs(value - (labelWeight * own[i]! + teacherWeight * other[i]!))).toBeLessThan(1e-6);
  });
});

it('trains on pseudo-labels alone', () => {
  expect(() => measure({})).toThrow('hardDistillation: the batch has no labels; give them or make labelWeight 0');
  const { loss } = measure({ labelWeight: 0, teacherWeight: 1 });
  expect(loss).toBeCloseTo(reference([1, 0], 0)[0]!, 6);
});

it('refuses weights that are none', () => {
  expect(() => hardDistillation({ teacher, teacherWeight: -1 })).toThrow(
    'hardDistillation: teacherWeight must be >= 0',
  );
});
