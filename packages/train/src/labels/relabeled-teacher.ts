import { KdError } from '@kd/core';
import type { Teacher } from '../teachers/teacher.ts';

/** Logits with the classes in another order: column c is the column `order[c]` of before. */
function reordered(logits: Float32Array, order: readonly number[]): Float32Array {
  const classes = order.length;
  if (logits.length % classes !== 0) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `distill: the teacher gave ${logits.length} logits, no multiple of ${classes}`,
      {
        logits: logits.length,
        classes,
      },
    );
  }
  const rows = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    for (let c = 0; c < classes; c++) rows[start + c] = logits[start + order[c]!]!;
  }
  return rows;
}

/**
 * A teacher whose classes are in another order. A cache belongs behind it, where it keeps what the teacher says.
 *
 * @param order for each class the teacher's own label, as `matchLabels` gives it
 */
export function relabeledTeacher(teacher: Teacher, order: readonly number[], classNames: readonly string[]): Teacher {
  const { answers } = teacher;
  return {
    ...teacher,
    classNames,
    async logits(batch, context) {
      return reordered(await teacher.logits(batch, context), order);
    },
    ...(answers && {
      async answers(batch, context) {
        const { logits, ...rest } = await teacher.answers!(batch, context);
        return { logits: reordered(logits, order), ...rest };
      },
    }),
  };
}
