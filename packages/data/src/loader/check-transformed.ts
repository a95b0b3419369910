import { type Batch, KdError } from '@kd/core';
import type { BatchTransform } from './mixing.ts';

/** A transform of one's own may change what the student sees and forget the teacher, which would then teach something else. */
export function checkTransformed(before: Batch, after: Batch, { config }: BatchTransform): void {
  if (!before.teacherImages || after.images.data === before.images.data) return;
  const mine = after.teacherImages?.data;
  if (mine !== undefined && mine !== before.teacherImages.data) return;
  throw new KdError(
    'INVALID_DATA',
    `dataLoader: batchTransform ${JSON.stringify(config)} changes images and ${mine ? 'leaves teacherImages as they are' : 'drops teacherImages'}; ` +
      'change both alike, or leave out teacherProcessor',
    { config },
  );
}
