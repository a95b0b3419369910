import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { drawValues } from '../testing/draw.ts';
import { labels, student, teacher } from '../testing/goldens.ts';
import { logitLosses } from '../testing/logit-losses.ts';
import type { LossUnderTest } from '../testing/loss-under-test.ts';
import { distLoss } from './dist-loss.ts';
import { dkdLoss } from './dkd-loss.ts';
import { jensenShannonLoss } from './jensen-shannon-loss.ts';
import { klDivergenceLoss } from './kl-divergence-loss.ts';
import { logitStandardizationLoss } from './logit-standardization-loss.ts';
import { multiTeacherLoss } from './multi-teacher-loss.ts';
import { nkdLoss } from './nkd-loss.ts';
import { reverseKlDivergenceLoss } from './reverse-kl-divergence-loss.ts';
import { softTargetCrossEntropy } from './soft-target-cross-entropy.ts';
import { sparseDistillationLoss } from './sparse-distillation-loss.ts';
import { standardizeLogits } from './standardize-logits.ts';
import { topKTargets } from './top-k-targets.ts';

const drawn = (seed: number, batch: number, classes: number) =>
  tf.tensor2d(drawValues(seed, [batch, classes], -6, 6), [batch, classes]);
const y = (...values: number[]) => tf.tensor1d(values, 'int32');

const EDGES: [string, () => [student: tf.Tensor2D, teacher: tf.Tensor2D, labels: tf.Tensor1D]][] = [
  [
    'huge logits',
    () => [
      tf.tensor2d([
        [1e4, -1e4, 0, 3],
        [0, 1e4, 1e4, -1e4],
      ]),
      tf.tensor2d([
        [-1e4, 1e4, 0, 3],
        [1e4, 0, -1e4, 1e4],
      ]),
      y(1, 2),
    ],
  ],
  ['rows of equal logits', () => [tf.fill([3, 4], 0.1), tf.fill([3, 4], 1e4), y(0, 1, 2)]],
  ["a student's row of equal logits", () => [tf.zeros([3, 4]), drawn(1, 3, 4), y(0, 1, 2)]],
  ["a teacher's row of equal logits", () => [drawn(1, 3, 4), tf.zeros([3, 4]), y(0, 1, 2)]],
  ['one sample', () => [drawn(1, 1, 5), drawn(2, 1, 5), y(4)]],
  ['a thousand classes', () => [drawn(1, 2, 1000), drawn(2, 2, 1000), y(0, 999)]],
  ['a thousand equal classes', () => [tf.fill([2, 1000], 0.1), drawn(2, 2, 1000), y(0, 999)]],
  ['a batch of 512', () => [drawn(1, 512, 4), drawn(2, 512, 4), tf.zeros([512], 'int32')]],
  ['two classes', () => [drawn(1, 3, 2), drawn(2, 3, 2), y(0, 1, 1)]],
];

type Loss = (s: tf.Tensor2D, t: tf.Tensor2D, y: tf.Tensor1D, options?: object) => tf.Tensor;
const WITH_TEMPERATURE: Readonly<Record<string, Loss>> = {
  distLoss,
  dkdLoss,
  jensenShannonLoss,
  klDivergenceLoss,
  logitStandardizationLoss,
  nkdLoss,
  reverseKlDivergenceLoss,
};

const NEED_THREE = ['dkdLoss', 'nkdLoss'];

function valueAndGradient({ call }: LossUnderTest, [s, t, y]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D], options = {}) {
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => call(x, t, y, options))(s);
  return { value: value.dataSync()[0]!, gradient: Array.from(grad.dataSync()) };
}

describe.each(backends)('on %s', (backend) => {
  useBackend(backend);

  describe.each(logitLosses)('$name', (loss) => {
    const edges = EDGES.filter(([name]) => name !== 'two classes' || !NEED_THREE.includes(loss.name));

    it.each(edges)('is finite for %s', (_, batch) => {
      const { value, gradient } = valueAndGradient(loss, batch());
      expect(value).toBeGreaterThan(-1e-6); // rounded, on WebGL
      expect(value).toBeLessThan(Number.POSITIVE_INFINITY);
      expect(gradient.every(Number.isFinite)).toBe(true);
    });

    it('has no gradient where all is masked', () => {
      const mask = tf.zeros([4], 'bool');
      const { value, gradient } = valueAndGradient(loss, [student(), teacher(), labels()], { mask });
      if (loss.perSample) expect(value).toBe(0);
      expect(Math.max(...gradient.map(Math.abs))).toBe(0);
    });

    if (loss.perSample)
      it('reduces as named', () => {
        const by = (reduction?: string) => loss.call(student(), teacher(), labels(), { reduction } as never);
        const rows = by('none');
        expect(rows.shape).toEqual([4]);
        const [sum] = tf.sum(rows).dataSync();
        expect(by('sum').dataSync()[0]! / sum!).toBeCloseTo(1, 5);
        expect(by().dataSync()[0]! / sum!).toBeCloseTo(0.25, 5);
      });

    it('refuses what it does not know', () => {
      const given = (options: object) => () => loss.call(student(), teacher(), labels(), options);
      const [caller] = loss.name.split(/ |,/);
      expect(given({ temprature: 2 })).toThrow(`${caller}: temprature is none of `);
      expect(given({ mask: tf.ones([4]) })).toThrow(`${caller}: mask must be bool [4], got float32 [4]`);
      if (loss.perSample) {
        expect(given({ reduction: 'avg' })).toThrow(/reduction must be (batchmean or )?mean or sum or none, got avg/);
        const sampleWeights = tf.ones([3]);
        expect(given({ sampleWeights })).toThrow(`${caller}: sampleWeights must be float32 [4], got float32 [3]`);
      }
    });
  });

  it.each<[string, () => unknown, string]>([
    ...Object.entries(WITH_TEMPERATURE).flatMap(([name, loss]): [string, () => unknown, string][] => [
      [
        `temperature 0 (${name})`,
        () => loss(student(), teacher(), labels(), { temperature: 0 }),
        `${name}: temperature must be > 0, got 0`,
      ],
      [
        `other classes (${name})`,
        () => loss(student(), tf.zeros([4, 1]), labels()),
        `${name}: teacherLogits must be float32 [4, 7], got float32 [4, 1]`,
      ],
      [
        `arrays (${name})`,
        () => loss([[1, 2]] as never, teacher(), labels()),
        `${name}: studentLogits must be float32 [batch, classes], got 1,2`,
      ],
    ]),
    ...Object.entries({ dkdLoss, nkdLoss }).flatMap(([name, loss]): [string, () => unknown, string][] => [
      [
        `two classes (${name})`,
        () => loss(tf.zeros([1, 2]), tf.zeros([1, 2]), y(0)),
        `${name}: needs 3 classes or more, got 2: one other class has nothing to tell; see klDivergenceLoss`,
      ],
      [
        `a label out of range (${name})`,
        () => loss(student(), teacher(), y(0, 7, 1, 2)),
        `${name}: label 7 at index 1 is not in [0, 7)`,
      ],
      [
        `no labels (${name})`,
        () => loss(student(), teacher(), undefined as never),
        `${name}: labels must be int32 [4] (tf.argMax(labels, 1) of one-hot ones), got undefined`,
      ],
      [
        `a negative weight (${name})`,
        () => loss(student(), teacher(), labels(), { nckdWeight: -1 }),
        `${name}: nckdWeight must be >= 0, got -1`,
      ],
    ]),
    ...[0, 1].map((teacherWeight): [string, () => unknown, string] => [
      `teacherWeight ${teacherWeight}`,
      () => jensenShannonLoss(student(), teacher(), undefined, { teacherWeight }),
      'jensenShannonLoss: teacherWeight must be in (0, 1), without its ends, for which there are klDivergenceLoss (0) ' +
        `and reverseKlDivergenceLoss (1), got ${teacherWeight}`,
    ]),
    [
      'one class to standardise',
      () => standardizeLogits(tf.zeros([4, 1])),
      'standardizeLogits: needs 2 classes or more, got 1: one logit has no deviation',
    ],
    [
      'weights of samples in distLoss',
      () => distLoss(student(), teacher(), undefined, { sampleWeights: 1 } as never),
      'is none of ',
    ],
    [
      'no teacher',
      () => multiTeacherLoss(student(), []),
      'multiTeacherLoss: teacherLogits must be an array of one tensor or more',
    ],
    [
      'a teacher alone',
      () => multiTeacherLoss(student(), teacher() as never),
      'must be an array of one tensor or more',
    ],
    [
      'a second teacher of other classes',
      () => multiTeacherLoss(student(), [teacher(), tf.zeros([4, 1])]),
      'multiTeacherLoss: teacherLogits[1] must be float32 [4, 7], got float32 [4, 1]',
    ],
    [
      'weights of fewer teachers',
      () => multiTeacherLoss(student(), [teacher(), teacher()], undefined, { teacherWeights: [1] }),
      'multiTeacherLoss: teacherWeights must be 2 numbers > 0, got 1',
    ],
    [
      'a teacher that weighs nothing',
      () => multiTeacherLoss(student(), [teacher(), teacher()], undefined, { teacherWeights: [1, 0] }),
      'multiTeacherLoss: teacherWeights must be 2 numbers > 0, got 1,0',
    ],
    [
      'an unknown mean',
      () => multiTeacherLoss(student(), [teacher()], undefined, { mean: 'harmonic' as never }),
      'mean must be arithmetic or geometric, got harmonic',
    ],
    ['no k', () => topKTargets(teacher(), 0), 'topKTargets: k must be a whole number in [1, 7], got 0'],
    ['more than all classes', () => topKTargets(teacher(), 8), 'k must be a whole number in [1, 7], got 8'],
    [
      'indices that are no classes',
      () =>
        sparseDistillationLoss(tf.zeros([4, 2]), {
          probabilities: tf.ones([4, 1]),
          indices: tf.fill([4, 1], 2, 'int32'),
        }),
      'sparseDistillationLoss: index 2 is not in [0, 2)',
    ],
    [
      'targets of another batch',
      () => sparseDistillationLoss(tf.zeros([3, 7]), topKTargets(teacher(), 2)),
      'sparseDistillationLoss: indices must be int32 [3, 2], got int32 [4, 2]',
    ],
    [
      'more targets than classes',
      () => sparseDistillationLoss(tf.zeros([4, 2]), topKTargets(teacher(), 3)),
      'sparseDistillationLoss: indices must be int32 [4, k <= 2], got int32 [4, 3]',
    ],
    [
      'logits as targets',
      () => sparseDistillationLoss(student(), teacher() as never),
      'sparseDistillationLoss: indices must be int32 [4, k <= 7], got undefined',
    ],
    [
      'labels as targets',
      () => softTargetCrossEntropy(student(), labels() as never),
      'softTargetCrossEntropy: targets must be float32 [4, 7] as logits, got int32 [4]',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
