import type { Cases } from '../kernel-cases.ts';
import { activationCases } from './activations.ts';
import { binaryCases } from './binary.ts';
import { creationCases, lookupCases } from './lookups.ts';
import { shapeCases, sliceCases } from './movement.ts';
import { reductionCases } from './reductions.ts';
import { productCases, trainingCases, updateCases } from './training.ts';
import { unaryCases } from './unary.ts';

/** Random calls of every kernel of the plain table, by kernel. */
export const plainCases: Cases = {
  ...unaryCases,
  ...activationCases,
  ...binaryCases,
  ...reductionCases,
  ...shapeCases,
  ...sliceCases,
  ...lookupCases,
  ...creationCases,
  ...productCases,
  ...trainingCases,
  ...updateCases,
};
