import { checkInteger } from '../../checks.ts';
import { redrawnShift } from './redraw.ts';
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
  apply(image, { pixels }, random, redraw) {
    const dx = random.below(2 * pixels + 1) - pixels;
    const dy = random.below(2 * pixels + 1) - pixels;
    return redrawnShift(image, [dx, dy], redraw?.shape);
  },
};
