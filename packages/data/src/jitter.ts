import { numericIds, randomSource } from '@kd/core';

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
