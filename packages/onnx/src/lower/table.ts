import type { LoweringTables } from './emitter.ts';
import { imageForms, imageLowerings } from './images/image-table.ts';
import { applyPendingFactor } from './images/pending-factor.ts';
import { mergeLowerings } from './merge-lowerings.ts';
import { plainLowerings } from './plain/plain-table.ts';

/** All lowerings and forms. Those of images come first: their ways fit only images that lie in a layout of their own. */
export const TABLES: LoweringTables = {
  lowerings: mergeLowerings(imageLowerings, plainLowerings),
  forms: imageForms,
  applyFactor: applyPendingFactor,
};
