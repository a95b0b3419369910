import * as tf from '@tensorflow/tfjs-core';
import { correlationCongruenceLoss } from '../features/relations/correlation-congruence-loss.ts';
import { pktLoss } from '../features/relations/pkt-loss.ts';
import { rkdAngleLoss } from '../features/relations/rkd-angle-loss.ts';
import { rkdDistanceLoss } from '../features/relations/rkd-distance-loss.ts';
import { similarityPreservingLoss } from '../features/relations/similarity-preserving-loss.ts';
import { input } from './goldens.ts';
import type { Goldens, LossUnderTest } from './loss-under-test.ts';

type Features = tf.Tensor;

export const relationGoldens: Goldens = {
  rkd_distance: (s: Features) => rkdDistanceLoss(s, input('et')),
  rkd_angle: (s: Features) => rkdAngleLoss(s, input('et')),
  rkd_25d_50a: (s: Features) =>
    tf.add(tf.mul(rkdDistanceLoss(s, input('et')), 25), tf.mul(rkdAngleLoss(s, input('et')), 50)),
  sp_L2: (s: Features) => similarityPreservingLoss(s, input('ft8')),
  pkt: (s: Features) => pktLoss(s, input('et')),
  cc_paper_l2norm: (s: Features) => correlationCongruenceLoss(s, input('et5')),
};

/** Slips and other losses of the same name, beside the loss that is neither. */
export const relationSlips: Goldens = {
  sp_L1_torchdistill: (s: Features) => similarityPreservingLoss(s, input('ft8')),
  cc_torchdistill: (s: Features) => correlationCongruenceLoss(s, input('et5')),
  cc_repdistiller: (s: Features) => correlationCongruenceLoss(s, input('et5')),
};

const compared = { on: 'embeddings', perSample: false, zeroWhenEqual: true } as const;

export const relationLosses: readonly LossUnderTest[] = [
  { ...compared, name: 'rkdDistanceLoss', call: (s, t, y, options) => rkdDistanceLoss(s, t, y, options) },
  { ...compared, name: 'rkdAngleLoss', call: (s, t, y, options) => rkdAngleLoss(s, t, y, options) },
  {
    ...compared,
    name: 'similarityPreservingLoss',
    call: (s, t, y, options) => similarityPreservingLoss(s, t, y, options),
  },
  { ...compared, name: 'pktLoss', call: (s, t, y, options) => pktLoss(s, t, y, options) },
  {
    ...compared,
    name: 'correlationCongruenceLoss',
    call: (s, t, y, options) => correlationCongruenceLoss(s, t, y, options),
  },
];
