import { numericIds, randomSource } from '@kd/core';
import type { Augmentation } from './augment/augmentation.ts';
import { redrawnShift } from './augment/steps/redraw.ts';
import { rebuildable } from './rebuildable.ts';

/**
 * Draws where a sample is shown in an epoch: a function of (seed, epoch, id) alone.
 *
 * @returns the view `(dy + jitter) * (2 * jitter + 1) + dx + jitter`, dx and dy each uniform in [-jitter, jitter]
 */
export function drawView(seed: number, epoch: number, id: number | string, jitter: number): number {
  const address = typeof id === 'number' ? id : numericIds([id])[0]!;
  const random = randomSource({ seed, stream: 'jitter', epoch, id: address });
  const side = 2 * jitter + 1;
  const column = random.below(side);
  return random.below(side) * side + column;
}

/** How far a view moves an image: dx pixels to the right, dy down. */
export function shiftOf(view: number, jitter: number): [dx: number, dy: number] {
  const side = 2 * jitter + 1;
  return [(view % side) - jitter, Math.floor(view / side) - jitter];
}

/** Jitter alone as an augmentation: its views have numbers that say all about them, whatever the seed. */
export function jitterAugmentation(jitter: number): Augmentation {
  const augment: Augmentation = {
    config: { jitter },
    seeded: false,
    takesAnySize: false,
    outputShape: (shape) => shape,
    view: ({ seed, epoch, id }) => drawView(seed, epoch, id, jitter),
    viewCount: (2 * jitter + 1) ** 2,
    applyView: (image, { view, redraw }) => redrawnShift(image, shiftOf(view, jitter), redraw?.from),
  };
  return rebuildable(augment);
}
