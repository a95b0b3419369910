import * as tf from '@tensorflow/tfjs-core';
import { poolTo } from '../connectors/pool-to.ts';
import { attentionTransferLoss } from '../features/maps/attention-transfer-loss.ts';
import { fspLoss } from '../features/maps/fsp-loss.ts';
import { hclLoss } from '../features/maps/hcl-loss.ts';
import { hintLoss } from '../features/maps/hint-loss.ts';
import { mgdLoss } from '../features/maps/mgd-loss.ts';
import { nstLoss } from '../features/maps/nst-loss.ts';
import { vidLoss } from '../features/maps/vid-loss.ts';
import { drawValues } from './draw.ts';
import { input } from './goldens.ts';
import type { Goldens, LossUnderTest } from './loss-under-test.ts';

type Maps = tf.Tensor4D;
const maps = (name: Parameters<typeof input>[0]) => input<tf.Rank.R4>(name);
const rawScale = () => input<tf.Rank.R1>('raw');

export const mapGoldens: Goldens = {
  fitnet_mse: (s: Maps) => hintLoss(s, maps('ft')),
  at_code_p2: (s: Maps) => attentionTransferLoss(s, maps('ft8')),
  at_paper: (s: Maps) => attentionTransferLoss(s, maps('ft'), undefined, { form: 'paper' }),
  nst_poly: (s: Maps) => nstLoss(s, maps('ft8')),
  fsp: (s: Maps) => fspLoss([s, maps('gs')], [maps('ft'), maps('gt')]),
  vid: (s: Maps) => vidLoss(s, maps('ft'), undefined, { rawScale: rawScale() }),
  vid_grad_log_scale: (raw: tf.Tensor1D) => vidLoss(maps('fs'), maps('ft'), undefined, { rawScale: raw }),
  mgd_term: (s: Maps) => mgdLoss(s, maps('ft')),
  hcl: (s: Maps) => hclLoss(s, maps('h8t')),
};

export const mapSlips: Goldens = {};

const common = { on: 'maps', perSample: true, zeroWhenEqual: true } as const;

export const mapLosses: readonly LossUnderTest[] = [
  { ...common, name: 'hintLoss', call: hintLoss },
  {
    ...common,
    name: 'attentionTransferLoss',
    call: (s, t, y, options) => attentionTransferLoss(s as Maps, t as Maps, y, options),
  },
  {
    ...common,
    name: "attentionTransferLoss with form 'paper' and power 3",
    call: (s, t, y, options) => attentionTransferLoss(s as Maps, t as Maps, y, { ...options, form: 'paper', power: 3 }),
  },
  {
    ...common,
    name: 'nstLoss',
    call: (s, t, y, options) => nstLoss(s as Maps, t as Maps, y, options),
  },
  {
    ...common,
    name: 'fspLoss',
    call: (s, t, y, options) =>
      tf.tidy(() => {
        const pair = (maps: tf.Tensor) => [maps as Maps, poolTo(maps as Maps, [3, 2])] as const;
        return fspLoss(pair(s), pair(t), y, options);
      }),
  },
  {
    ...common,
    name: 'vidLoss',
    call: (s, t, y, options) =>
      tf.tidy(() => vidLoss(s, t, y, { ...options, rawScale: tf.tensor1d(drawValues(5, [6], -1, 2)) })),
    zeroWhenEqual: false,
  },
  { ...common, name: 'mgdLoss', call: mgdLoss },
  { ...common, name: 'hclLoss', call: (s, t, y, options) => hclLoss(s as Maps, t as Maps, y, options) },
];
