import { logitLosses as ofLogits } from '../../../losses/src/testing/logit-losses.ts';
import type { LossUnderTest } from '../../../losses/src/testing/loss-under-test.ts';
import { mapLosses as ofMaps } from '../../../losses/src/testing/map-losses.ts';
import { relationLosses as ofRelations } from '../../../losses/src/testing/relation-losses.ts';

/** Checks that read values cannot be traced. */
const UNCHECKED: Readonly<Record<string, object>> = {
  crossEntropy: { validateLabels: false },
  distillationLoss: { validateLabels: false },
  dkdLoss: { validateLabels: false },
  nkdLoss: { validateLabels: false },
  sparseDistillationLoss: { validateTargets: false },
};

const traceable = (losses: readonly LossUnderTest[]): LossUnderTest[] =>
  losses.map((loss) => ({
    ...loss,
    call: (s, t, y, options) => loss.call(s, t, y, { ...UNCHECKED[loss.name], ...options }),
  }));

/** Every loss of @kd/losses by the rows of that package's own tests, without the checks that read values. */
export const logitLosses: readonly LossUnderTest[] = traceable(ofLogits);
export const mapLosses: readonly LossUnderTest[] = traceable(ofMaps);
export const relationLosses: readonly LossUnderTest[] = traceable(ofRelations);
