import { type DataLoader, numericIds } from '@kd/core';
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
  const parts: Float32Array[] = [];
  const times: number[] = []; // ms an image, of batches that it was really asked about
  let step = 0;
  for await (const batch of loader) {
    const context = { seed: 0, epoch: 0, step: step++, ids: numericIds(batch.ids) };
    const before = askedOf(teacher);
    const start = performance.now();
    parts.push(await teacher.logits(batch, context));
    const asked = before === undefined || askedOf(teacher) === before + batch.ids.length;
    if (asked) times.push((performance.now() - start) / batch.ids.length);
  }
  const logits = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    logits.set(part, offset);
    offset += part.length;
  }
  const usual = median(times);
  return { logits, ...(usual === undefined ? {} : { msPerImage: usual }) };
}

/** Of several measurements that which a slow first one does not move. */
export function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
