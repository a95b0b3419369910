import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { apart, gradientOf, numberOf } from '../testing/distributions.ts';
import { combination, expectGolden, golden, labels, student, teacher } from '../testing/goldens.ts';
import { crossEntropy } from './cross-entropy.ts';
import { type DistillationOptions, distillationLoss, distillationTerms } from './distillation-loss.ts';
import { klDivergenceLoss } from './kl-divergence-loss.ts';
import { distillationPresets } from './presets.ts';

const softOnly = (options: DistillationOptions) => (logits: tf.Tensor2D) =>
  distillationLoss(logits, teacher(), undefined, options);
const both = (options: DistillationOptions) => (logits: tf.Tensor2D) =>
  distillationLoss(logits, teacher(), labels(), options);

describe.each(backends)('distillationLoss in value and gradient on %s', (backend) => {
  useBackend(backend);

  it.each([1, 4, 5, 20])("matches mdistiller's KD at temperature %d", async (temperature) => {
    await expectGolden(softOnly({ temperature }), golden(`kd_T${temperature}`));
  });

  it("matches the Hugging Face guide's loss", async () => {
    await expectGolden(both(distillationPresets['hf-guide']), golden('hf_guide_T5_lambda0.5'));
  });

  it('weights the terms as told', async () => {
    await expectGolden(both({ temperature: 20, softWeight: 0.7, hardWeight: 0.3 }), golden('notebook_T20_alpha0.7'));
    await expectGolden(both({ temperature: 20, lambda: 0.3 }), golden('notebook_T20_alpha0.7_hard'));
  });

  it("matches the notebook's weights, written out for 7 classes", async () => {
    const expected = combination([800.7 / 400 / 7, golden('kd_T20')], [0.3, golden('ce')]);
    await expectGolden(both(distillationPresets.notebook), expected);
  });

  it('leaves out temperature^2 on request', async () => {
    await expectGolden(softOnly({ temperature: 4, scaleByTemperatureSquared: false }), golden('kd_noT2_T4'));
  });

  it("divides by the classes for 'mean', as torch does", async () => {
    await expectGolden(softOnly({ temperature: 4, reduction: 'mean' }), golden('kd_meanreduction_T4'));
  });

  it('smooths the labels of the hard term', async () => {
    await expectGolden(both({ softWeight: 0, hardWeight: 1, labelSmoothing: 0.1 }), golden('label_smoothing_0.1'));
  });

  it('nears the centred squared error of the logits at high temperature', async () => {
    await expectGolden(softOnly({ temperature: 500 }), golden('mse_logits_centred'), 5e-3);
  });
});

describe.each(backends)('distillationLoss on %s', (backend) => {
  useBackend(backend);

  it('is zero, with zero gradient, where student and teacher agree', () => {
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => distillationLoss(x as tf.Tensor2D, teacher()))(teacher());
    expect(value.dataSync()[0]).toBeCloseTo(0, 6);
    expect(Math.max(...grad.dataSync().map(Math.abs))).toBeLessThan(1e-6);
  });

  it('does not change when a row of logits is shifted', () => {
    const [plain] = distillationLoss(student(), teacher()).dataSync();
    const [shifted] = distillationLoss(tf.add(student(), 3), tf.sub(teacher(), 2)).dataSync();
    expect(shifted).toBeCloseTo(plain!, 4);
  });

  it('gives the teacher no gradient, though it is on the tape', () => {
    const [viaTeacher, viaStudent] = tf
      .grads((a, b) => tf.add(a, distillationLoss(tf.mul(student(), b), tf.mul(teacher(), a), labels())))([
        tf.scalar(1),
        tf.scalar(1),
      ])
      .map((gradient) => gradient.dataSync()[0]!);
    expect(viaTeacher).toBe(1); // of the added term alone
    expect(viaStudent).not.toBe(0);
  });

  it('reduces as named', () => {
    const rows = distillationLoss(student(), teacher(), labels(), { reduction: 'none' });
    expect(rows.shape).toEqual([4]);
    const sum = tf.sum(rows).dataSync()[0]!;
    expect(distillationLoss(student(), teacher(), labels(), { reduction: 'sum' }).dataSync()[0]).toBeCloseTo(sum, 3);
    expect(distillationLoss(student(), teacher(), labels()).dataSync()[0]).toBeCloseTo(sum / 4, 4);
  });

  it.each([
    ['huge logits', [[1e4, -1e4, 0]], [[-1e4, 1e4, 0]]],
    ['all-equal rows', [[0, 0, 0]], [[0, 0, 0]]],
    ['two classes', [[1, 2]], [[2, 1]]],
  ])('is finite for %s', (_, studentLogits, teacherLogits) => {
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
      distillationLoss(x as tf.Tensor2D, tf.tensor2d(teacherLogits)),
    )(tf.tensor2d(studentLogits));
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    expect(grad.dataSync().every(Number.isFinite)).toBe(true);
  });

  it('takes a class that both mask by -Infinity as one that is not there', () => {
    const masked = distillationLoss(tf.tensor2d([[1, -Infinity, 0]]), tf.tensor2d([[0, -Infinity, 2]]));
    const without = distillationLoss(tf.tensor2d([[1, 0]]), tf.tensor2d([[0, 2]]));
    expect(masked.dataSync()[0]).toBeCloseTo(without.dataSync()[0]!, 5);
  });

  it('leaves samples without a label out of the hard term alone', () => {
    const y = tf.tensor1d([0, -100, 6, -100], 'int32');
    const { softLoss, hardLoss } = distillationTerms(student(), teacher(), y, { ignoreIndex: -100 });
    expect(numberOf(softLoss)).toBeCloseTo(golden('kd_T4').loss, 4);
    const sampleWeights = tf.tensor1d([1, 0, 1, 0]);
    expect(numberOf(hardLoss!)).toBeCloseTo(numberOf(crossEntropy(student(), labels(), { sampleWeights })), 5);
  });

  it('learns from the teacher alone where no sample has a label', () => {
    const y = tf.fill<tf.Rank.R1>([4], -1, 'int32');
    const loss = (x: tf.Tensor2D) => distillationLoss(x, teacher(), y, { ignoreIndex: -1 });
    const soft = (x: tf.Tensor2D) => tf.mul(klDivergenceLoss(x, teacher()), 0.9);
    expect(numberOf(distillationTerms(student(), teacher(), y, { ignoreIndex: -1 }).hardLoss!)).toBe(0);
    expect(numberOf(loss(student()))).toBeCloseTo(numberOf(soft(student())), 5);
    expect(apart(gradientOf(loss, student()), gradientOf(soft, student()))).toBeLessThan(1e-6);
  });

  it.each([
    ['sampleWeights', () => ({ sampleWeights: tf.tensor1d([3, 0, 1, 0]) })],
    [
      'sampleWeights and mask',
      () => ({
        sampleWeights: tf.tensor1d([3, 2, 1, 0]),
        mask: tf.tensor1d([true, false, true, true], 'bool'),
      }),
    ],
  ])('weighs samples in both terms by %s', (_, options) => {
    const rows = distillationTerms(student(), teacher(), labels(), { reduction: 'none' });
    const { softLoss, hardLoss } = distillationTerms(student(), teacher(), labels(), options());
    const [soft, hard] = [rows.softLoss.dataSync(), rows.hardLoss!.dataSync()];
    expect(numberOf(softLoss)).toBeCloseTo((3 * soft[0]! + soft[2]!) / 4, 4);
    expect(numberOf(hardLoss!)).toBeCloseTo((3 * hard[0]! + hard[2]!) / 4, 5);
    const none = distillationLoss(student(), teacher(), labels(), { ...options(), reduction: 'none' });
    expect(none.dataSync()[1]).toBe(0);
  });

  it('takes null for no labels', () => {
    const soft = numberOf(distillationLoss(student(), teacher()));
    expect(numberOf(distillationLoss(student(), teacher(), null as never))).toBe(soft);
  });

  it('is 0 where all is masked', () => {
    const loss = distillationLoss(student(), teacher(), labels(), { mask: tf.zeros([4], 'bool') });
    expect(numberOf(loss)).toBe(0);
  });

  it('leaves only its result behind', () => {
    const [s, t, y] = [student(), teacher(), labels()];
    const before = tf.memory().numTensors;
    distillationLoss(s, t, y).dispose();
    expect(tf.memory().numTensors).toBe(before);
    const terms = distillationTerms(s, t, y);
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([terms.loss, terms.softLoss, terms.hardLoss!]);
  });

  it.each<[string, () => unknown, string]>([
    [
      'temperature 0',
      () => distillationLoss(student(), teacher(), labels(), { temperature: 0 }),
      'distillationLoss: temperature must be > 0, got 0',
    ],
    [
      'NaN temperature',
      () => distillationLoss(student(), teacher(), labels(), { temperature: Number.NaN }),
      'temperature must be > 0, got NaN',
    ],
    [
      'lambda beside weights',
      () => distillationLoss(student(), teacher(), labels(), { lambda: 0.5, softWeight: 1 }),
      'give either lambda or softWeight and hardWeight',
    ],
    [
      'lambda above 1',
      () => distillationLoss(student(), teacher(), labels(), { lambda: 2 }),
      'lambda must be in [0, 1], got 2',
    ],
    [
      'a negative weight',
      () => distillationLoss(student(), teacher(), labels(), { softWeight: -1 }),
      'softWeight must be >= 0, got -1',
    ],
    [
      'a hard weight without labels',
      () => distillationLoss(student(), teacher(), undefined, { lambda: 0.5 }),
      'hardWeight is 0.5 but there are no labels',
    ],
    [
      'other classes',
      () => distillationLoss(student(), tf.zeros([4, 1])),
      'teacherLogits must be float32 [4, 7], got float32 [4, 1]',
    ],
    ['another batch', () => distillationLoss(student(), tf.zeros([1, 7])), 'got float32 [1, 7]'],
    [
      'labels of another batch',
      () => distillationLoss(student(), teacher(), tf.tensor1d([1], 'int32')),
      'labels must be int32 [4] (tf.argMax(labels, 1) of one-hot ones), got int32 [1]',
    ],
    [
      'a label out of range',
      () => distillationLoss(student(), teacher(), tf.tensor1d([0, 1, 2, 9], 'int32')),
      'label 9 at index 3 is not in [0, 7)',
    ],
    [
      'a misspelt option',
      () => distillationLoss(student(), teacher(), labels(), { temprature: 5 } as never),
      'distillationLoss: temprature is none of temperature, softWeight',
    ],
    [
      'an array',
      () => distillationLoss([[1, 2]] as never, teacher()),
      'studentLogits must be float32 [batch, classes], got 1,2',
    ],
    [
      'an unknown reduction',
      () => distillationLoss(student(), teacher(), labels(), { reduction: 'avg' as never }),
      'reduction must be batchmean or mean or sum or none, got avg',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
