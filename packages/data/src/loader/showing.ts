import type { ImageArray } from '@kd/core';
import type { Augmentation } from '../augment/augmentation.ts';
import type { LocatedSample } from '../locate.ts';
import type { ImageProcessor } from '../processors/image-processor.ts';
import { checkAugmented } from './check-options.ts';

export interface ShowOptions {
  augment: Augmentation | undefined;
  seed: number;
  /** Of samples that do not say their own. */
  sourceShape: readonly [number, number, number];
  /** Of every image in a batch. */
  imageShape: readonly [number, number, number];
  /** Of the teacher, if it sees the images otherwise. */
  teacherProcessor: ImageProcessor | undefined;
}

/** What an epoch shows of a sample. */
export interface Shown {
  sample: LocatedSample;
  /** The number of the view. */
  view?: number;
  /** The same view for the teacher. */
  teacher?: ImageArray;
}

export type Show = (sample: LocatedSample, epoch: number) => Shown;

export function showing(options: ShowOptions): Show {
  const { augment, seed, sourceShape, imageShape, teacherProcessor } = options;
  const sizeForTeacher = teacherProcessor?.imageShape.slice(0, 2) as [number, number] | undefined;

  /** The sample as the teacher takes it; in memory one that has the teacher's size is left as it is, as for the student. */
  function forTeacher({ decoded }: LocatedSample, image: ImageArray): ImageArray {
    if (augment?.takesAnySize) return image;
    if (!decoded && `${image.shape}` === `${teacherProcessor!.imageShape}`) return image;
    return teacherProcessor!.resize(decoded ?? image);
  }

  return (sample, epoch) => {
    if (!augment && !teacherProcessor) return { sample };
    const { id, label, data, start } = sample;
    const shape = sample.shape ?? sourceShape;
    const size = shape.reduce((product, side) => product * side, 1);
    const image = { data: data.subarray(start, start + size), shape };
    const wide = teacherProcessor && forTeacher(sample, image);
    if (!augment) return { sample, teacher: wide! };
    const view = augment.view({ seed, epoch, id });
    const shown = augment.applyView(image, { seed, view, id });
    checkAugmented(shown.shape, imageShape, id);
    const made: Shown = { sample: { id, label, data: shown.data, start: 0 }, view };
    if (!wide) return made;
    const teacher = augment.applyView(wide, { seed, view, id, redraw: { from: shape, to: sizeForTeacher! } });
    checkAugmented(teacher.shape, teacherProcessor!.imageShape, id);
    return { ...made, teacher };
  };
}
