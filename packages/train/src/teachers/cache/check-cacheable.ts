import { KdError } from '@kd/core';
import type { Teacher, TeacherAnswers } from '../teacher.ts';
import { partsOf } from './keys.ts';

/** Refuses a teacher whose answers cannot be kept, or has not what is to be kept. */
export function checkCacheable(teacher: Teacher, features: readonly string[], replay: number): void {
  if (!teacher.deterministic) {
    throw new KdError(
      'UNSUPPORTED',
      'cachedTeacher: this teacher answers differently each time (dropout or batch statistics are on); ' +
        "ask it in mode 'inference', or use it without a cache",
    );
  }
  if (!(replay >= 0 && replay <= 1)) {
    throw new KdError('INVALID_ARGUMENT', `cachedTeacher: replay must be in [0, 1], got ${replay}`, { replay });
  }
  const there = teacher.answers ? (teacher.taps ?? []) : [];
  const missing = features.filter((tap) => !there.includes(tap));
  if (missing.length === 0) return;
  const has = there.length > 0 ? `only ${there.join(', ')}` : 'none at all';
  throw new KdError(
    'NOT_FOUND',
    `cachedTeacher: the teacher has no features ${missing.join(', ')}, ${has}; name these layers to withTaps`,
    { missing, there },
  );
}

/** NaN would be served in every epoch. */
export function checkNumbers({ logits }: TeacherAnswers, keys: readonly (number | string)[]): void {
  const at = logits.findIndex(Number.isNaN);
  if (at < 0) return;
  const { id } = partsOf(keys[Math.floor((at * keys.length) / logits.length)]!);
  throw new KdError(
    'NOT_FINITE',
    `cachedTeacher: the teacher answers NaN about sample '${id}'; look at its weights, and at the image`,
    { id },
  );
}
