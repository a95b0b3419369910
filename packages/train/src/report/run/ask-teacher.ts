import type { DataLoader } from '@kd/core';
import { askLoader } from '../../loop/ask-loader.ts';
import type { Teacher } from '../../teachers/teacher.ts';

/** What a teacher says of validation images. */
export interface TeacherAnswersToAll {
  /** float32 [samples, classes]. */
  logits: Float32Array;
  /** Milliseconds for an image; absent if its answers came from a cache. */
  msPerImage?: number;
}

/** How many samples it was really asked about so far, if it keeps count as a cache does. */
const askedOf = (teacher: Teacher): number | undefined =>
  'counts' in teacher ? (teacher.counts as { asked?: number }).asked : undefined;

/** A teacher's answers for a whole loader. */
export async function askTeacher(teacher: Teacher, loader: DataLoader): Promise<TeacherAnswersToAll> {
  const times: number[] = []; // ms an image, of batches that it was really asked about
  const { logits } = await askLoader(loader, async (batch, context) => {
    const before = askedOf(teacher);
    const start = performance.now();
    const answer = await teacher.logits(batch, context);
    const asked = before === undefined || askedOf(teacher) === before + batch.ids.length;
    if (asked) times.push((performance.now() - start) / batch.ids.length);
    return answer;
  });
  const usual = median(times);
  return { logits, ...(usual === undefined ? {} : { msPerImage: usual }) };
}

/** Of several measurements that which a slow first one does not move. */
export function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
