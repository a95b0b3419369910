import type { ImageProcessor } from '../processors/image-processor.ts';
import { isRebuildable } from '../rebuildable.ts';

/** The teacher's processor, unless it does what the student's does: then they see the same images. */
export function otherProcessor({
  processor,
  teacherProcessor,
}: {
  processor?: ImageProcessor;
  teacherProcessor?: ImageProcessor;
}): ImageProcessor | undefined {
  if (!teacherProcessor || teacherProcessor === processor) return undefined;
  const known = processor && isRebuildable(processor) && isRebuildable(teacherProcessor);
  const same = known && JSON.stringify(processor.config) === JSON.stringify(teacherProcessor.config);
  return same ? undefined : teacherProcessor;
}
