import type { RandomSource } from '@kd/core';
import { checkInteger } from '../../checks.ts';
import { rotate, shearX, shearY, translate } from '../pixels/affine.ts';
import { adjustBrightness, adjustContrast, adjustSaturation } from '../pixels/colors.ts';
import { adjustSharpness } from '../pixels/sharpness.ts';
import { autoContrast, equalize, posterize, solarize } from '../pixels/tone.ts';
import type { Uint8Image } from '../pixels/uint8-image.ts';
import type { StepKind } from './step-kind.ts';

/** Some operations drawn from fourteen, all at one magnitude: two numbers in place of a learned policy. */
export interface RandAugmentStep {
  type: 'randAugment';
  /** How many operations, one after the other. @default 2 */
  operations?: number;
  /** In [0, bins). @default 9 */
  magnitude?: number;
  /** Levels of the magnitude, >= 2. @default 31 */
  bins?: number;
}

/** Where a magnitude's level is in the list: 0 for the first, 1 for the last. */
type Strength = number;

interface Operation {
  /** Of a level, for images of this height and width. */
  amount?: (strength: Strength, height: number, width: number) => number;
  /** Whether the amount is negative every other time. */
  signed?: boolean;
  apply: (image: Uint8Image, amount: number) => Uint8Image;
}

const factor = (apply: (image: Uint8Image, factor: number) => Uint8Image): Operation => ({
  amount: (strength) => 0.9 * strength,
  signed: true,
  apply: (image, amount) => apply(image, 1 + amount),
});

const SHEAR = { amount: (strength: Strength) => 0.3 * strength, signed: true };

/** torchvision's, in its order. */
export const RAND_AUGMENT_OPERATIONS: Readonly<Record<string, Operation>> = {
  Identity: { apply: (image) => image },
  ShearX: { ...SHEAR, apply: shearX },
  ShearY: { ...SHEAR, apply: shearY },
  TranslateX: {
    amount: (strength, _, width) => (150 / 331) * width * strength,
    signed: true,
    apply: (image, amount) => translate(image, Math.trunc(amount), 0),
  },
  TranslateY: {
    amount: (strength, height) => (150 / 331) * height * strength,
    signed: true,
    apply: (image, amount) => translate(image, 0, Math.trunc(amount)),
  },
  Rotate: { amount: (strength) => 30 * strength, signed: true, apply: rotate },
  Brightness: factor(adjustBrightness),
  Color: factor(adjustSaturation),
  Contrast: factor(adjustContrast),
  Sharpness: factor(adjustSharpness),
  Posterize: { amount: (strength) => 8 - Math.round(4 * strength), apply: posterize },
  Solarize: { amount: (strength) => 255 - 255 * strength, apply: solarize },
  AutoContrast: { apply: autoContrast },
  Equalize: { apply: equalize },
};

const LIST = Object.values(RAND_AUGMENT_OPERATIONS);

function applyOne(image: Uint8Image, strength: Strength, random: RandomSource): Uint8Image {
  const { amount, signed, apply } = LIST[random.below(LIST.length)]!;
  const size = amount?.(strength, image.shape[0]!, image.shape[1]!) ?? 0;
  const negative = signed === true && random.below(2) === 1;
  return apply(image, negative ? -size : size);
}

export const randAugment: StepKind<RandAugmentStep, Required<RandAugmentStep>> = {
  resolve(where, { type, operations = 2, magnitude = 9, bins = 31 }) {
    checkInteger(where, 'operations', operations, 0, 100);
    checkInteger(where, 'bins', bins, 2, Number.POSITIVE_INFINITY);
    checkInteger(where, 'magnitude', magnitude, 0, bins);
    return { type, operations, magnitude, bins };
  },
  apply(image, { operations, magnitude, bins }, random) {
    let augmented = image;
    for (let n = 0; n < operations; n++) augmented = applyOne(augmented, magnitude / (bins - 1), random);
    return augmented;
  },
};
