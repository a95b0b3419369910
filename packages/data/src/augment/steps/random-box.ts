import type { RandomSource } from '@kd/core';
import type { Box } from '../pixels/crop.ts';
import { uniformIn } from './step-kind.ts';

export interface RandomBoxOptions {
  /** Share of the image's area, drawn evenly. */
  scale: readonly [number, number];
  /** A side by the other, its logarithm drawn evenly. */
  ratio: readonly [number, number];
}

/**
 * Draws a box in an image, ten times at most, until one passes.
 *
 * @param sides of a box of this area and ratio
 * @returns undefined if none passed
 */
export function randomBox(
  random: RandomSource,
  [fullHeight, fullWidth]: readonly [number, number],
  { scale, ratio }: RandomBoxOptions,
  sides: (area: number, ratio: number) => readonly [height: number, width: number],
  passes: (height: number, width: number) => boolean,
): Box | undefined {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = fullHeight * fullWidth * uniformIn(random, ...scale);
    const drawn = Math.exp(uniformIn(random, Math.log(ratio[0]), Math.log(ratio[1])));
    const [height, width] = sides(area, drawn).map(Math.round) as [number, number];
    if (!passes(height, width)) continue;
    return { top: random.below(fullHeight - height + 1), left: random.below(fullWidth - width + 1), height, width };
  }
  return undefined;
}
