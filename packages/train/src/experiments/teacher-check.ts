import { KdError } from '@kd/core';
import { accuracy, wilsonInterval } from '@kd/metrics';
import type { Predictions } from '../loop/ask-loader.ts';
import { formatPercent } from '../report/format.ts';

/** How good a teacher is, on validation images. */
export interface TeacherCheck {
  accuracy: number;
  /** 95 % interval (Wilson). */
  low: number;
  high: number;
  images: number;
  /** Share of the most frequent class: what answering it always would get. */
  chance: number;
}

/** `94.74% of 133 validation images (95 %: 89.54% to 97.43%; chance 33.83%)`. */
export function tellCheck({ images, ...shares }: TeacherCheck): string {
  const { accuracy: right, low, high, chance } = shares;
  const [got, from, to, most] = [right, low, high, chance].map((share) => formatPercent(share));
  return `${got} of ${images} validation images (95 %: ${from} to ${to}; chance ${most})`;
}

/** Looks whether a teacher knows anything: its accuracy is above chance by more than its interval. */
export function checkTeacher({ logits, labels }: Predictions, force: boolean): TeacherCheck {
  if (!labels) throw new KdError('INVALID_DATA', 'study: the validation images have no labels to check the teacher by');
  const images = labels.length;
  const right = accuracy(logits, labels);
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const chance = Math.max(...counts.values()) / images;
  const { low, high } = wilsonInterval(Math.round(right * images), images);
  const check = { accuracy: right, low, high, images, chance };
  if (low > chance || force) return check;
  throw new KdError(
    'INVALID_DATA',
    `study: the teacher is right on ${tellCheck(check)}: that is not surely better than answering the most frequent class ` +
      'always. Fine-tune it on these classes first, see whether its labels mean the same, or go on with forceTeacher: true',
    check,
  );
}
