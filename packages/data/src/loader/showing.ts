import type { Augmentation } from '../augment/augmentation.ts';
import type { LocatedSample } from '../locate.ts';
import { checkAugmented } from './check-options.ts';

export interface ShowOptions {
  augment: Augmentation | undefined;
  seed: number;
  /** Of samples that do not say their own. */
  sourceShape: readonly [number, number, number];
  /** Of every image in a batch. */
  imageShape: readonly [number, number, number];
}

/** What an epoch shows of a sample, and the number of that view. */
export type Show = (sample: LocatedSample, epoch: number) => [LocatedSample, view: number | undefined];

export function showing({ augment, seed, sourceShape, imageShape }: ShowOptions): Show {
  if (!augment) return (sample) => [sample, undefined];
  return (sample, epoch) => {
    const { id, label, data, start } = sample;
    const shape = sample.shape ?? sourceShape;
    const view = augment.view({ seed, epoch, id });
    const size = shape.reduce((product, side) => product * side, 1);
    const image = augment.applyView({ data: data.subarray(start, start + size), shape }, { seed, view, id });
    checkAugmented(image.shape, imageShape, id);
    return [{ id, label, data: image.data, start: 0 }, view];
  };
}
