import {
  attentionTransferLoss,
  hintLoss,
  linearConnector,
  nstLoss,
  pktLoss,
  similarityPreservingLoss,
} from '@kd/losses';
import { withTaps } from '@kd/models';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { evaluate } from '../loop/evaluate.ts';
import { train } from '../loop/train.ts';
import { modelFingerprint } from '../model-weights.ts';
import { cachedTeacher } from '../teachers/cached-teacher.ts';
import { modelTeacher } from '../teachers/model-teacher.ts';
import { digits, network, testDigits } from '../testing/digits.ts';
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { distillation } from './distillation.ts';
import { type FeatureTerm, featureDistillation } from './feature-distillation.ts';

const plain = { batchNorm: false, dropout: 0 };
const teacherModel = network({ ...plain, seed: 9 });
const teacher = modelTeacher(withTaps(teacherModel, ['relu1', 'relu2']));
const connector = (seed = 0) => linearConnector({ name: 'hint', inputFeatures: 24, outputFeatures: 32, seed });

it('adds weighted terms to the distillation loss, with their gradients', () => {
  tf.tidy(() => {
    const input = {
      teacherLogits: tf.tensor2d([[1, 0]]),
      teacherFeatures: { b: tf.tensor2d([[2, 0]]), c: tf.tensor2d([[1, 1]]) },
      labels: tf.tensor1d([0], 'int32'),
      context: { seed: 0, epoch: 0, step: 3, ids: Uint32Array.of(0) },
    };
    const features = [
      { student: 'a', teacher: 'b', loss: hintLoss, weight: 2 },
      { student: 'a', teacher: 'c', loss: hintLoss, weight: ({ step }: { step: number }) => step / 2, name: 'late' },
    ];
    const objective = featureDistillation({ teacher, features, temperature: 2 });
    const base = distillation({ teacher, temperature: 2 });
    const [studentLogits, a] = [tf.tensor2d([[0, 1]]), tf.tensor2d([[1, 3]])];
    const [gradLogits, gradFeature] = tf.grads((logits: tf.Tensor, feature: tf.Tensor) => {
      const { loss, parts } = objective.loss({
        ...input,
        studentLogits: logits as tf.Tensor2D,
        studentFeatures: { a: feature },
      });
      const expected = base.loss({ ...input, studentLogits: logits as tf.Tensor2D, studentFeatures: {} });
      // (1 + 9) / 2 of b, (0 + 4) / 2 of c
      expect(loss.dataSync()[0]).toBeCloseTo(expected.loss.dataSync()[0]! + 2 * 5 + 1.5 * 2, 5);
      expect(Object.keys(parts)).toEqual(['soft_loss', 'hard_loss', 'feature_a', 'late']);
      expect([parts.feature_a!.dataSync()[0], parts.late!.dataSync()[0]]).toEqual([5, 2]);
      return loss;
    })([studentLogits, a]) as [tf.Tensor, tf.Tensor];
    // d mean((s - t)^2) / ds = s - t for two elements
    expect(Array.from(gradFeature.dataSync())).toEqual([2 * -1 + 1.5 * 0, 2 * 3 + 1.5 * 2]);
    const gradBase = tf.grad(
      (logits: tf.Tensor) => base.loss({ ...input, studentLogits: logits as tf.Tensor2D, studentFeatures: {} }).loss,
    )(studentLogits);
    gradLogits.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(gradBase.dataSync()[i]!, 6);
    });
  });
});

it('takes losses of maps and of relations as they are', () => {
  const all = [hintLoss, attentionTransferLoss, nstLoss, pktLoss, similarityPreservingLoss];
  const features = all.map((loss, i): FeatureTerm => ({ student: 'relu1', teacher: 'relu2', loss, name: `term ${i}` })); // compiles
  const { settings } = featureDistillation({ teacher, features });
  expect((settings!.features as { loss: string }[]).map(({ loss }) => loss)).toEqual(all.map(({ name }) => name));
});

it('brings features together, trains the connector along, and leaves teacher and student as they are named', async () => {
  const model = network({ ...plain, seed: 2 });
  const names = namedVariables(model).map(({ name }) => name);
  const hint = connector();
  const before = [await modelFingerprint(teacherModel), hint.variables[0]!.variable.dataSync().slice()] as const;
  const features = [{ student: 'relu2', teacher: 'relu1', loss: hintLoss, weight: 10, connector: hint }];
  const tapped = withTaps(model, ['relu2']);
  const checkpoints = memoryCheckpoints();
  const { history } = await train({
    model: tapped,
    objective: featureDistillation({ teacher, features, temperature: 4 }),
    train: digits(320),
    validation: testDigits(100),
    epochs: 4,
    checkpoints,
  });
  const terms = history.map((metrics) => metrics.train_feature_relu2 as number);
  expect(terms.at(-1)).toBeLessThan(0.7 * terms[0]!);
  expect(history.at(-1)!.eval_accuracy).toBe((await evaluate(model, testDigits(100))).eval_accuracy);
  expect(await modelFingerprint(teacherModel)).toBe(before[0]);
  expect(hint.variables[0]!.variable.dataSync()).not.toEqual(before[1]);
  expect(namedVariables(tapped).map(({ name }) => name)).toEqual(names);
  const saved = checkpoints.saved.at(-1)!.model.map(({ name }) => name);
  expect(saved).toEqual([...names, 'hint/kernel', 'hint/bias']);
});

it('says at the start which tap is missing', async () => {
  const features = [{ student: 'relu2', teacher: 'relu1', loss: hintLoss }];
  const run = (model = withTaps(network(plain), ['relu2']), by = teacher) =>
    train({ model, objective: featureDistillation({ teacher: by, features }), train: digits(32), epochs: 1 });
  await expect(run(network(plain))).rejects.toThrow(
    'train: featureDistillation wants the features relu2 of the student, which has none; name these layers to withTaps',
  );
  await expect(run(undefined, modelTeacher(withTaps(teacherModel, ['relu2'])))).rejects.toThrow(
    'wants the features relu1 of the teacher, which has only relu2',
  );
  await expect(run(undefined, cachedTeacher(teacher))).rejects.toThrow('of the teacher, which has none');
});

it('refuses terms that are none, or have one name', () => {
  const term = { student: 'a', teacher: 'b', loss: hintLoss };
  expect(() => featureDistillation({ teacher, features: [] })).toThrow(
    'featureDistillation: features: there is no term',
  );
  expect(() => featureDistillation({ teacher, features: [term, term] })).toThrow("two terms are called 'feature_a'");
});
