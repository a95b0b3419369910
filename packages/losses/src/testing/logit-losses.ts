import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from '../logits/cross-entropy.ts';
import { distLoss } from '../logits/dist-loss.ts';
import { distillationLoss } from '../logits/distillation-loss.ts';
import { dkdLoss } from '../logits/dkd-loss.ts';
import { hardDistillationLoss } from '../logits/hard-distillation-loss.ts';
import { jensenShannonLoss } from '../logits/jensen-shannon-loss.ts';
import { klDivergenceLoss } from '../logits/kl-divergence-loss.ts';
import { logitMseLoss } from '../logits/logit-mse-loss.ts';
import { logitStandardizationLoss } from '../logits/logit-standardization-loss.ts';
import { multiTeacherLoss } from '../logits/multi-teacher-loss.ts';
import { nkdLoss } from '../logits/nkd-loss.ts';
import { reverseKlDivergenceLoss } from '../logits/reverse-kl-divergence-loss.ts';
import { softTargetCrossEntropy } from '../logits/soft-target-cross-entropy.ts';
import { sparseDistillationLoss } from '../logits/sparse-distillation-loss.ts';
import { topKTargets } from '../logits/top-k-targets.ts';
import { input, labels, teacher } from './goldens.ts';
import type { Goldens, LossUnderTest } from './loss-under-test.ts';

type Logits = tf.Tensor2D;

const bothTeachers = (): Logits[] => [teacher(), input('t2')];

export const logitGoldens: Goldens = {
  ce: (s: Logits) => crossEntropy(s, labels()),
  'label_smoothing_0.1': (s: Logits) => crossEntropy(s, labels(), { labelSmoothing: 0.1 }),
  kd_T1: (s: Logits) => klDivergenceLoss(s, teacher(), undefined, { temperature: 1 }),
  kd_T4: (s: Logits) => klDivergenceLoss(s, teacher()),
  kd_T5: (s: Logits) => klDivergenceLoss(s, teacher(), undefined, { temperature: 5 }),
  kd_T20: (s: Logits) => klDivergenceLoss(s, teacher(), undefined, { temperature: 20 }),
  'hf_guide_T5_lambda0.5': (s: Logits) => distillationLoss(s, teacher(), labels(), { temperature: 5, lambda: 0.5 }),
  'notebook_T20_alpha0.7': (s: Logits) => distillationLoss(s, teacher(), labels(), { temperature: 20, lambda: 0.7 }),
  'notebook_T20_alpha0.7_hard': (s: Logits) =>
    distillationLoss(s, teacher(), labels(), { temperature: 20, lambda: 0.3 }),
  mse_logits_mean: (s: Logits) => logitMseLoss(s, teacher()),
  mse_logits_half_sum_batchmean: (s: Logits) => tf.mul(logitMseLoss(s, teacher()), 7 / 2),
  mse_logits_centred: (s: Logits) => tf.mul(logitMseLoss(s, teacher(), undefined, { centered: true }), 1 / 2),
  reverse_kl_T4: (s: Logits) => reverseKlDivergenceLoss(s, teacher()),
  'gjsd_b0.5_T1': (s: Logits) => jensenShannonLoss(s, teacher()),
  'gjsd_b0.1_T4': (s: Logits) => jensenShannonLoss(s, teacher(), undefined, { teacherWeight: 0.1, temperature: 4 }),
  dkd_a1_b8_T4: (s: Logits) => dkdLoss(s, teacher(), labels()),
  'dkd_a1_b0.5_T1': (s: Logits) => dkdLoss(s, teacher(), labels(), { nckdWeight: 0.5, temperature: 1 }),
  'nkd_g1.5_T1': (s: Logits) => nkdLoss(s, teacher(), labels()),
  'nkd_g3.5_T3': (s: Logits) => nkdLoss(s, teacher(), labels(), { nckdWeight: 3.5, temperature: 3 }),
  dist_tau1: (s: Logits) => distLoss(s, teacher()),
  dist_tau4: (s: Logits) => distLoss(s, teacher(), undefined, { temperature: 4, interWeight: 2, intraWeight: 2 }),
  logit_std_ddof1_T2: (s: Logits) => logitStandardizationLoss(s, teacher()),
  deit_soft_tau3: (s: Logits) => distillationLoss(s, teacher(), undefined, { temperature: 3, reduction: 'mean' }),
  deit_hard: (s: Logits) => hardDistillationLoss(s, teacher()),
  multi_teacher_prob_mean_T4: (s: Logits) => multiTeacherLoss(s, bothTeachers()),
  multi_teacher_geo_mean_T4: (s: Logits) => multiTeacherLoss(s, bothTeachers(), undefined, { mean: 'geometric' }),
  topk3_spread_T1: (s: Logits) =>
    sparseDistillationLoss(s, topKTargets(teacher(), 3), undefined, { validateTargets: false }),
};

/** Slips that are known from other code, beside the loss that must not have them. */
export const logitSlips: Goldens = {
  kd_noT2_T4: (s: Logits) => klDivergenceLoss(s, teacher()),
  kd_meanreduction_T4: (s: Logits) => klDivergenceLoss(s, teacher()),
  logit_std_ddof0_T2: (s: Logits) => logitStandardizationLoss(s, teacher()),
};

type Call = (student: Logits, teacher: Logits, labels: tf.Tensor1D, options?: object) => tf.Scalar;

const row = (name: string, call: Call, laws: Partial<LossUnderTest> = {}): LossUnderTest => ({
  name,
  on: 'logits',
  call: (s, t, y, options) => call(s as Logits, t as Logits, y, options),
  perSample: true,
  zeroWhenEqual: true,
  shiftInvariant: true,
  ...laws,
});

/** For calls that make tensors besides their result. */
const tidied =
  (call: Call): Call =>
  (...batch) =>
    tf.tidy(() => call(...batch));

const positiveWhenEqual = { zeroWhenEqual: false };

export const logitLosses: readonly LossUnderTest[] = [
  row('crossEntropy', (s, _, y, options) => crossEntropy(s, y, options), positiveWhenEqual),
  row('klDivergenceLoss', klDivergenceLoss),
  row(
    'distillationLoss',
    (s, t, y, options) => distillationLoss(s, t, y, { ...options, temperature: 3 }),
    positiveWhenEqual,
  ),
  row('reverseKlDivergenceLoss', reverseKlDivergenceLoss),
  row('jensenShannonLoss', jensenShannonLoss),
  row('jensenShannonLoss, unequal and soft', (s, t, y, options) =>
    jensenShannonLoss(s, t, y, { ...options, teacherWeight: 0.9, temperature: 2 }),
  ),
  row('dkdLoss', dkdLoss),
  row('nkdLoss', (s, t, y, options) => nkdLoss(s, t, y, { ...options, temperature: 3 }), positiveWhenEqual),
  row('distLoss', distLoss, { perSample: false, zeroWhenEqual: false }), // but for 1e-8 in its denominators
  row('logitStandardizationLoss', logitStandardizationLoss),
  row('logitMseLoss', logitMseLoss, { shiftInvariant: false }),
  row('logitMseLoss, centered', (s, t, y, options) => logitMseLoss(s, t, y, { ...options, centered: true })),
  row('hardDistillationLoss', hardDistillationLoss, positiveWhenEqual),
  row('multiTeacherLoss of one', (s, t, y, options) => multiTeacherLoss(s, [t], y, options)),
  row(
    'multiTeacherLoss, geometric',
    tidied((s, t, y, options) =>
      multiTeacherLoss(s, [t, tf.neg(t)], y, { ...options, mean: 'geometric', teacherWeights: [2, 1] }),
    ),
    positiveWhenEqual,
  ),
  row(
    'sparseDistillationLoss',
    tidied((s, t, y, options) =>
      sparseDistillationLoss(s, topKTargets(t, 2, { temperature: 2 }), y, { ...options, temperature: 2 }),
    ),
    positiveWhenEqual,
  ),
  row(
    'softTargetCrossEntropy',
    tidied((s, t, y, options) => softTargetCrossEntropy(s, tf.softmax(t), y, options)),
    positiveWhenEqual,
  ),
];
