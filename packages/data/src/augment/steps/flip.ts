import { flipHorizontally, flipVertically } from '../pixels/crop.ts';
import type { Uint8Image } from '../pixels/uint8-image.ts';
import { checkNumber, type StepKind } from './step-kind.ts';

/** Left and right, or top and bottom, change places. */
export interface FlipStep {
  type: 'horizontalFlip' | 'verticalFlip';
  /** In [0, 1]. @default 0.5 */
  probability?: number;
}

const flip = (turn: (image: Uint8Image) => Uint8Image): StepKind<FlipStep, Required<FlipStep>> => ({
  resolve(where, { type, probability = 0.5 }) {
    checkNumber(where, 'probability', probability, 0, 1);
    return { type, probability };
  },
  apply: (image, { probability }, random) => (random.uniform() < probability ? turn(image) : image),
});

export const horizontalFlip: StepKind<FlipStep, Required<FlipStep>> = flip(flipHorizontally);
export const verticalFlip: StepKind<FlipStep, Required<FlipStep>> = flip(flipVertically);
