import type { LoweringTable } from '../lowering.ts';
import { mergeLowerings } from '../merge-lowerings.ts';
import { activationLowerings } from './activations.ts';
import { attentionLowerings } from './attention.ts';
import { binaryLowerings } from './binary.ts';
import { creationLowerings } from './creation.ts';
import { layerNormLowerings } from './layer-norm.ts';
import { lookupLowerings } from './lookups.ts';
import { productLowerings } from './products.ts';
import { reductionLowerings } from './reductions.ts';
import { selectLowerings } from './select.ts';
import { shapeLowerings } from './shapes.ts';
import { sliceLowerings } from './slices.ts';
import { unaryLowerings } from './unary.ts';
import { updateLowerings } from './updates.ts';

/** Everything but images. */
export const plainLowerings: LoweringTable = mergeLowerings(
  unaryLowerings,
  activationLowerings,
  binaryLowerings,
  selectLowerings,
  reductionLowerings,
  shapeLowerings,
  sliceLowerings,
  lookupLowerings,
  creationLowerings,
  productLowerings,
  layerNormLowerings,
  attentionLowerings,
  updateLowerings,
);
