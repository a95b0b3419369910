import { checkInteger } from '../../checks.ts';
import { translate } from '../pixels/affine.ts';
import type { StepKind } from './step-kind.ts';

/** Moves the image by whole pixels, each way evenly; what comes in from outside is 0. */
export interface JitterStep {
  type: 'jitter';
  /** At most so many each way, >= 0. */
  pixels: number;
}

export const jitter: StepKind<JitterStep, JitterStep> = {
  resolve(where, { type, pixels }) {
    checkInteger(where, 'pixels', pixels, 0, Number.POSITIVE_INFINITY);
    return { type, pixels };
  },
  apply(image, { pixels }, random) {
    const dx = random.below(2 * pixels + 1) - pixels;
    const dy = random.below(2 * pixels + 1) - pixels;
    return translate(image, dx, dy);
  },
};
