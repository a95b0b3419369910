import { adjustBrightness, adjustContrast, adjustSaturation } from '../pixels/colors.ts';
import { adjustHue } from '../pixels/hue.ts';
import { checkNumber, type StepKind, uniformIn } from './step-kind.ts';

/** Brightness, contrast, saturation and hue by random factors, in random order. */
export interface ColorJitterStep {
  type: 'colorJitter';
  /** Factor in [max(0, 1 - brightness), 1 + brightness]. @default 0 */
  brightness?: number;
  /** Likewise. @default 0 */
  contrast?: number;
  /** Likewise. @default 0 */
  saturation?: number;
  /** Turn of the colour wheel in [-hue, hue], at most 0.5. @default 0 */
  hue?: number;
}

const ADJUST = { brightness: adjustBrightness, contrast: adjustContrast, saturation: adjustSaturation, hue: adjustHue };
const NAMES = Object.keys(ADJUST) as (keyof typeof ADJUST)[];

export const colorJitter: StepKind<ColorJitterStep, Required<ColorJitterStep>> = {
  resolve(where, { type, brightness = 0, contrast = 0, saturation = 0, hue = 0 }) {
    for (const [name, value] of Object.entries({ brightness, contrast, saturation })) {
      checkNumber(where, name, value, 0, Number.POSITIVE_INFINITY);
    }
    checkNumber(where, 'hue', hue, 0, 0.5);
    return { type, brightness, contrast, saturation, hue };
  },
  apply(image, options, random) {
    const order = [...NAMES];
    for (let i = order.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order.reduce((adjusted, name) => {
      const spread = options[name];
      const middle = name === 'hue' ? 0 : 1;
      const low = name === 'hue' ? -spread : Math.max(0, 1 - spread);
      const factor = uniformIn(random, low, middle + spread);
      return spread === 0 ? adjusted : ADJUST[name](adjusted, factor);
    }, image);
  },
};
