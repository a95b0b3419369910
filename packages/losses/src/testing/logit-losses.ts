import type * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from '../logits/cross-entropy.ts';
import { distillationLoss } from '../logits/distillation-loss.ts';
import { klDivergenceLoss } from '../logits/kl-divergence-loss.ts';
import { labels, teacher } from './goldens.ts';
import type { Goldens, LossUnderTest } from './loss-under-test.ts';

type Logits = tf.Tensor2D;

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
  deit_soft_tau3: (s: Logits) => distillationLoss(s, teacher(), undefined, { temperature: 3, reduction: 'mean' }),
};

/** Slips that are known from other code, beside the loss that must not have them. */
export const logitSlips: Goldens = {
  kd_noT2_T4: (s: Logits) => klDivergenceLoss(s, teacher()),
  kd_meanreduction_T4: (s: Logits) => klDivergenceLoss(s, teacher()),
};

export const logitLosses: readonly LossUnderTest[] = [
  {
    name: 'crossEntropy',
    on: 'logits',
    call: (s, _, y, options) => crossEntropy(s as Logits, y, options),
    perSample: true,
    zeroWhenEqual: false,
    shiftInvariant: true,
  },
  {
    name: 'klDivergenceLoss',
    on: 'logits',
    call: (s, t, y, options) => klDivergenceLoss(s as Logits, t as Logits, y, options),
    perSample: true,
    zeroWhenEqual: true,
    shiftInvariant: true,
  },
  {
    name: 'distillationLoss',
    on: 'logits',
    call: (s, t, y, options) => distillationLoss(s as Logits, t as Logits, y, { ...options, temperature: 3 }),
    perSample: true,
    zeroWhenEqual: false,
    shiftInvariant: true,
  },
];
