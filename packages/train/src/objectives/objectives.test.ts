import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { describe, expect, it } from 'vitest';
import type { Teacher } from '../teachers/teacher.ts';
import { classification } from './classification.ts';
import { distillation } from './distillation.ts';
import type { Objective } from './objective.ts';

const context = { seed: 0, epoch: 0, step: 0, ids: Uint32Array.of(0, 1) };
const student = [2, -1, 0.5, 0, 3, 1];
const teacherLogits = () => tf.tensor2d([4, -2, 1, 0, 5, 3], [2, 3]);
const teacher = { deterministic: true } as Teacher;

interface Answer {
  labels?: number[];
  targets?: number[];
}

/** Loss, parts and gradient for the student's logits. */
function measure(objective: Objective, { labels, targets }: Answer) {
  return tf.tidy(() => {
    let parts: Record<string, number> = {};
    const loss = (studentLogits: tf.Tensor) => {
      const made = objective.loss({
        studentLogits: studentLogits as tf.Tensor2D,
        studentFeatures: {},
        teacherLogits: teacherLogits(),
        ...(labels ? { labels: tf.tensor1d(labels, 'int32') } : {}),
        ...(targets ? { targets: tf.tensor2d(targets, [2, 3]) } : {}),
        context,
      });
      parts = Object.fromEntries(Object.entries(made.parts).map(([name, part]) => [name, part.dataSync()[0]!]));
      return made.loss;
    };
    const { value, grad } = tf.valueAndGrad(loss)(tf.tensor2d(student, [2, 3]));
    return { loss: value.dataSync()[0]!, parts, gradient: Array.from(grad.dataSync()) };
  });
}

const numbers = ({ loss, parts, gradient }: ReturnType<typeof measure>) => [loss, ...Object.values(parts), ...gradient];

describe.each<[string, Objective]>([
  ['classification', classification()],
  ['classification, smoothed', classification({ labelSmoothing: 0.1 })],
  ['distillation', distillation({ teacher })],
  ['distillation by lambda', distillation({ teacher, temperature: 5, lambda: 0.3, labelSmoothing: 0.2 })],
  ['distillation by weights', distillation({ teacher, softWeight: 2, hardWeight: 0.5, reduction: 'sum' })],
  ['distillation, mean over classes', distillation({ teacher, reduction: 'mean' })],
])('%s', (_, objective) => {
  it('takes shares of one class for its label', () => {
    const [byLabel, byShare] = [
      measure(objective, { labels: [2, 1] }),
      measure(objective, { targets: [0, 0, 1, 0, 1, 0] }),
    ];
    expect(Object.keys(byShare.parts)).toEqual(Object.keys(byLabel.parts));
    numbers(byShare).forEach((value, i) => {
      expect(value).toBeCloseTo(numbers(byLabel)[i]!, 5);
    });
  });

  it('is for mixed samples what it is for their classes, mixed alike', () => {
    const [first, second] = [measure(objective, { labels: [2, 1] }), measure(objective, { labels: [0, 1] })];
    const mixed = measure(objective, { targets: [0.25, 0, 0.75, 0, 1, 0] });
    numbers(mixed).forEach((value, i) => {
      expect(value).toBeCloseTo(0.75 * numbers(first)[i]! + 0.25 * numbers(second)[i]!, 5);
    });
  });
});

it('says what is missing', () => {
  expect(() => measure(classification(), {})).toThrow('classification: the batch has no labels; use distillation()');
});
