import '@tensorflow/tfjs-backend-cpu';
import type { Batch } from '@kd/core';
import { klDivergenceLoss, multiTeacherLoss } from '@kd/losses';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multiTeacherDistillation } from '../objectives/multi-teacher-distillation.ts';
import { cachedTeacher } from './cached-teacher.ts';
import type { Teacher } from './teacher.ts';
import { teacherEnsemble } from './teacher-ensemble.ts';

const context = { seed: 0, epoch: 0, step: 0, ids: Uint32Array.of(0, 1) };
const batch: Batch = { ids: context.ids, images: { data: new Float32Array(2), shape: [2, 1] }, source: 'two' };

function answering(logits: readonly number[], more: Partial<Teacher> = {}): Teacher {
  return {
    deterministic: true,
    fingerprint: async () => `of ${logits}`,
    logits: async () => Float32Array.from(logits),
    ...more,
  };
}

const softmax = (row: readonly number[]): number[] => {
  const most = Math.max(...row);
  const parts = row.map((value) => Math.exp(value - most));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
};

const logits = fc.array(fc.double({ min: -30, max: 30, noNaN: true }).map(Math.fround), { minLength: 6, maxLength: 6 });

describe('teacherEnsemble', () => {
  it('answers so that its softened answers are the mean of those of its teachers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(logits, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(1, 2, 4, 20),
        fc.boolean(),
        async (all, temperature, weighted) => {
          const weights = weighted ? all.map((_, i) => i + 0.5) : undefined;
          const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? all.length;
          const ensemble = teacherEnsemble(
            all.map((each) => answering(each)),
            { temperature, ...(weights ? { weights } : {}) },
          );
          const answer = await ensemble.logits(batch, context);
          for (const row of [0, 1]) {
            const soft = (values: ArrayLike<number>) =>
              softmax(
                Array.from(values)
                  .slice(3 * row, 3 * row + 3)
                  .map((value) => value / temperature),
              );
            const mean = [0, 1, 2].map((c) =>
              all.reduce((sum, each, i) => sum + ((weights?.[i] ?? 1) / total) * soft(each)[c]!, 0),
            );
            soft(answer).forEach((share, c) => {
              expect(Math.abs(share - mean[c]!)).toBeLessThan(2e-5 * mean[c]! + 1e-12);
            });
          }
        },
      ),
    );
  });

  it.each(['arithmetic', 'geometric'] as const)('teaches what multiTeacherLoss teaches: %s', async (mean) => {
    const all = [
      [4, -2, 1, 0, 5, 3],
      [3, -1, 2, 1, 2, 3],
    ];
    const space = mean === 'arithmetic' ? 'probabilities' : 'logits';
    const ensemble = teacherEnsemble(
      all.map((each) => answering(each)),
      { weights: [2, 1], temperature: 4, space },
    );
    const answer = await ensemble.logits(batch, context);
    tf.tidy(() => {
      const student = tf.tensor2d([2, -1, 0, 0, 3, 1], [2, 3]);
      const loss = klDivergenceLoss(student, tf.tensor2d(answer, [2, 3]), undefined, { temperature: 4 });
      const wanted = multiTeacherLoss(
        student,
        all.map((each) => tf.tensor2d(each, [2, 3])),
        undefined,
        { temperature: 4, mean, teacherWeights: [2, 1] },
      );
      expect(loss.dataSync()[0]).toBeCloseTo(wanted.dataSync()[0]!, 6);
    });
  });

  it('is what it is made of: another teacher, weight, space or temperature is another one', async () => {
    const [a, b, c] = [answering([1, 2, 3]), answering([0, 0, 1]), answering([1, 0, 0])];
    const prints = await Promise.all(
      [
        teacherEnsemble([a, b]),
        teacherEnsemble([b, a]),
        teacherEnsemble([a, c]),
        teacherEnsemble([a, b], { weights: [2, 1] }),
        teacherEnsemble([a, b], { space: 'logits' }),
        teacherEnsemble([a, b], { temperature: 2 }),
      ].map((each) => each.fingerprint()),
    );
    expect(new Set(prints).size).toBe(prints.length);
    expect(await teacherEnsemble([a, b], { weights: [5, 5] }).fingerprint()).toBe(prints[0]);
    expect(await teacherEnsemble([a, b], { space: 'logits', temperature: 9 }).fingerprint()).toBe(prints[4]);
    const random = answering([1, 2, 3], { deterministic: false });
    expect([teacherEnsemble([a, b]).deterministic, teacherEnsemble([a, random]).deterministic]).toEqual([true, false]);
  });

  it('has the logits and features of each, asks each once, and flushes all', async () => {
    let [asked, flushed] = [0, 0];
    const tapped = answering([1, 2, 3, 4, 5, 6], {
      taps: ['pool'],
      answers: async () => {
        asked += 1;
        const pool = { data: Float32Array.of(7, 8), shape: [2, 1] };
        return { logits: Float32Array.of(1, 2, 3, 4, 5, 6), features: { pool } };
      },
      async flush() {
        flushed += 1;
      },
    });
    const cached = cachedTeacher(answering([0, 1, 0, 1, 0, 1]));
    const ensemble = teacherEnsemble([cached, tapped], { space: 'logits' });
    expect(ensemble.taps).toEqual(['0/logits', '1/logits', '1/pool']);
    for (let epoch = 0; epoch < 3; epoch++) {
      const { logits, features } = await ensemble.answers!(batch, context);
      expect([...logits]).toEqual([0.5, 1.5, 1.5, 2.5, 2.5, 3.5]);
      expect(features['0/logits']).toEqual({ data: Float32Array.of(0, 1, 0, 1, 0, 1), shape: [2, 3] });
      expect(features['1/pool']!.data).toEqual(Float32Array.of(7, 8));
    }
    await ensemble.flush!();
    expect([asked, flushed, cached.counts.asked]).toEqual([3, 1, 2]);
  });

  it.each([
    [() => teacherEnsemble([]), 'teacherEnsemble: teachers must be an array of one or more'],
    [
      () => teacherEnsemble([answering([1])], { weights: [1, 2] }),
      'weights must be 1 numbers > 0, one for each teacher',
    ],
    [() => teacherEnsemble([answering([1])], { temperature: 0 }), 'temperature must be > 0, got 0'],
    [() => teacherEnsemble([answering([1])], { space: 'odds' as 'logits' }), "or 'logits', got 'odds'"],
    [
      () => teacherEnsemble([answering([1], { classNames: ['a', 'b'] }), answering([1], { classNames: ['b', 'a'] })]),
      'teacher 0 has the classes a, b, teacher 1 has b, a, or has them in another order',
    ],
  ])('refuses what makes no sense', (make, message) => {
    expect(make).toThrow(message);
  });

  it('refuses answers of other widths', async () => {
    const ensemble = teacherEnsemble([answering([1, 2]), answering([1, 2, 3, 4])]);
    await expect(ensemble.logits(batch, context)).rejects.toThrow('the teachers answer 2, 4 logits about one batch');
  });
});

describe('multiTeacherDistillation', () => {
  it('is a sum of terms, each with its weight and temperature', async () => {
    const all = [
      [4, -2, 1, 0, 5, 3],
      [3, -1, 2, 1, 2, 3],
    ];
    const objective = multiTeacherDistillation({
      teachers: [
        { teacher: answering(all[0]!), weight: ({ step }) => step / 10 },
        { teacher: answering(all[1]!), weight: 0.3, temperature: 2, name: 'small' },
      ],
      hardWeight: 0.2,
    });
    const { features } = await objective.teacher!.answers!(batch, context);
    tf.tidy(() => {
      const studentLogits = tf.tensor2d([2, -1, 0, 0, 3, 1], [2, 3]);
      const { loss, parts } = objective.loss({
        studentLogits,
        studentFeatures: {},
        teacherFeatures: Object.fromEntries(
          Object.entries(features).map(([name, { data }]) => [name, tf.tensor2d(data, [2, 3])]),
        ),
        labels: tf.tensor1d([0, 2], 'int32'),
        weights: { soft_loss_0: tf.scalar(0.7) },
        context,
      });
      const term = (i: number, temperature: number): number =>
        klDivergenceLoss(studentLogits, tf.tensor2d(all[i]!, [2, 3]), undefined, { temperature }).dataSync()[0]!;
      const hard = parts.hard_loss!.dataSync()[0]!;
      expect(parts.soft_loss_0!.dataSync()[0]).toBe(term(0, 4));
      expect(parts.small!.dataSync()[0]).toBe(term(1, 2));
      expect(loss.dataSync()[0]).toBeCloseTo(0.7 * term(0, 4) + 0.3 * term(1, 2) + 0.2 * hard, 5);
    });
    expect(objective.weights!.soft_loss_0!({ ...context, step: 7 })).toBe(0.7);
  });

  it('refuses two terms of one name', () => {
    const teachers = [{ teacher: answering([1]), name: 'hard_loss' }];
    expect(() => multiTeacherDistillation({ teachers })).toThrow("two terms are called 'hard_loss'");
  });
});
