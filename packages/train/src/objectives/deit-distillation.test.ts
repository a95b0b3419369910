import { deit, withTaps } from '@kd/models';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/deit-distillation.json' with { type: 'json' };
import { train } from '../loop/train.ts';
import { modelTeacher } from '../teachers/model-teacher.ts';
import type { Teacher } from '../teachers/teacher.ts';
import { arrayLoader } from '../testing/array-loader.ts';
import { network } from '../testing/digits.ts';
import { deitDistillation } from './deit-distillation.ts';

const teacher = { deterministic: true } as Teacher;
const context = { seed: 0, epoch: 0, step: 0, ids: new Uint32Array(5) };
const [batch, classes] = fixture.shape as [number, number];
const matrix = (values: number[]): tf.Tensor2D => tf.tensor2d(values, [batch, classes]);

describe('deitDistillation', () => {
  it.each(fixture.cases)('has loss and gradients of the authors: $type, weight $weight', (wanted) => {
    const { weight, temperature, labelSmoothing } = wanted;
    const type = wanted.type as 'hard' | 'soft';
    const objective = deitDistillation({ teacher, type, weight, temperature, labelSmoothing });
    tf.tidy(() => {
      const { value, grads } = tf.valueAndGrads((cls: tf.Tensor, distillation: tf.Tensor) => {
        return objective.loss({
          studentLogits: matrix(new Array(batch * classes).fill(9)), // of no account
          studentFeatures: { cls_classifier: cls, distillation_classifier: distillation },
          teacherLogits: matrix(fixture.teacherLogits),
          labels: tf.tensor1d(fixture.labels, 'int32'),
          context,
        }).loss;
      })([matrix(fixture.classLogits), matrix(fixture.distillationLogits)]);
      expect(Math.abs(value.dataSync()[0]! / wanted.loss - 1)).toBeLessThan(1e-6);
      for (const [i, expected] of [wanted.classGradient, wanted.distillationGradient].entries()) {
        grads[i]!.dataSync().forEach((each, at) => {
          expect(Math.abs(each - expected[at]!)).toBeLessThan(1e-7);
        });
      }
    });
  });

  it("is the paper's soft loss with 'batchmean': as many times larger as there are classes", () => {
    const part = (reduction: 'mean' | 'batchmean'): number =>
      tf.tidy(() => {
        const { parts } = deitDistillation({ teacher, type: 'soft', temperature: 3, reduction }).loss({
          studentLogits: matrix(fixture.classLogits),
          studentFeatures: {
            cls_classifier: matrix(fixture.classLogits),
            distillation_classifier: matrix(fixture.distillationLogits),
          },
          teacherLogits: matrix(fixture.teacherLogits),
          labels: tf.tensor1d(fixture.labels, 'int32'),
          context,
        });
        return parts.teacher_loss!.dataSync()[0]!;
      });
    expect(part('batchmean')).toBeCloseTo(classes * part('mean'), 5);
  });

  it('trains the token of a DeiT to follow the teacher, and the class token to follow the labels', async () => {
    // The teacher says the contrary of the labels: only a head of its own can follow each.
    const classNames = ['a', 'b'];
    const model = deit({
      ...{ classNames, imageSize: 8, patchSize: 4, hiddenSize: 24, numHiddenLayers: 2, numAttentionHeads: 2 },
      ...{ intermediateSize: 48, seed: 3 },
    });
    const { loader, images, labels } = arrayLoader({ samples: 32, side: 8, batchSize: 16, classNames });
    const contrary: Teacher = {
      deterministic: true,
      fingerprint: async () => 'contrary',
      logits: async ({ ids }) =>
        Float32Array.from([...(ids as Uint32Array)].flatMap((id) => (labels[id] ? [3, -3] : [-3, 3]))),
    };
    const tapped = withTaps(model, ['cls_classifier', 'distillation_classifier']);
    const objective = deitDistillation({ teacher: contrary, weight: 0.5 });
    await train({ model: tapped, objective, train: loader, epochs: 30, learningRate: 3e-3 });
    tf.tidy(() => {
      const [, cls, distilled] = tapped.predict(images()) as tf.Tensor2D[];
      const decided = (logits: tf.Tensor2D): number[] => Array.from(tf.argMax(logits, 1).dataSync());
      expect(decided(cls!)).toEqual([...labels]);
      expect(decided(distilled!)).toEqual([...labels].map((label) => 1 - label));
    });
  });

  it('says what is missing', async () => {
    expect(() => deitDistillation({ teacher, weight: 1.5 })).toThrow(
      'deitDistillation: weight must be in [0, 1], a schedule such as linearWeight() or a function of the step, got 1.5',
    );
    expect(() => deitDistillation({ teacher, type: 'medium' as 'hard' })).toThrow(
      "deitDistillation: type must be 'hard' or 'soft', got medium",
    );
    const { loader } = arrayLoader({ samples: 4, side: 28, batchSize: 4 });
    const objective = deitDistillation({ teacher: modelTeacher(network()) });
    await expect(train({ model: network(), objective, train: loader, epochs: 1 })).rejects.toThrow(
      'train: deitDistillation wants the features cls_classifier, distillation_classifier of the student, which has none',
    );
  });
});
