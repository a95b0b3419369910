import { type Batch, type DataLoader, KdError } from '@kd/core';
import { askLoader, type Predictions } from '../../loop/ask-loader.ts';
import type { Teacher } from '../../teachers/teacher.ts';
import { type LogitTable, logitTable } from '../answers/import/logit-table.ts';

const WHERE = "study: the teacher's answers";

/** Asks a teacher about every image of a loader; what it has said is kept if that is stopped. */
export async function askAll(
  teacher: Teacher,
  loader: DataLoader,
  signal: AbortSignal | undefined,
  onProgress: ((done: number, total: number) => void) | undefined,
): Promise<Predictions> {
  try {
    return await askLoader(loader, (batch, context) => teacher.logits(batch, context), {
      onProgress(done, total) {
        onProgress?.(done, total);
        if (!signal?.aborted) return;
        throw new KdError('ABORTED', `study: stopped with ${done} of ${total} images labelled; call it again to go on`);
      },
    });
  } finally {
    await teacher.flush?.();
  }
}

/** What a teacher has said of the images that a student sees by another loader, prepared otherwise perhaps. */
export interface LabelledSplit {
  answers: Predictions;
  /** The student's. */
  loader: DataLoader;
}

/**
 * A teacher who says once more what it has said, and is asked about nothing else. A batch is told by its source, so that one
 * split's ids are never taken for another's.
 */
export async function labelledTeacher(teacher: Teacher, splits: readonly LabelledSplit[]): Promise<Teacher> {
  const answer = await answersTo(splits);
  const fingerprint = await teacher.fingerprint();
  return {
    deterministic: true,
    ...(teacher.classNames ? { classNames: teacher.classNames } : {}),
    ...(teacher.parameters === undefined ? {} : { parameters: teacher.parameters }),
    fingerprint: async () => fingerprint,
    async logits(batch) {
      const known = answer(batch);
      if (known) return known;
      const { source } = batch;
      throw new KdError('UNSUPPORTED', `${WHERE} are of the images as they are, and of no others`, { source });
    },
  };
}

/**
 * A teacher who says once more what it has said, even where the student's loader has the images in another size, and is asked
 * about all others: those that are changed before they are learned from.
 */
export async function rememberingTeacher(teacher: Teacher, splits: readonly LabelledSplit[]): Promise<Teacher> {
  const answer = await answersTo(splits);
  return { ...teacher, logits: async (batch, context) => answer(batch) ?? teacher.logits(batch, context) };
}

/** What has been said of a batch, if it is of images as they are. */
async function answersTo(splits: readonly LabelledSplit[]): Promise<(batch: Batch) => Float32Array | undefined> {
  const tables = new Map<string | undefined, LogitTable>();
  for (const { answers, loader } of splits) tables.set(await sourceOf(loader), await logitTable(WHERE, rows(answers)));
  return ({ source, ids, views, fresh }) =>
    views || fresh ? undefined : tables.get(source)?.take(WHERE, ids, undefined);
}

async function sourceOf(loader: DataLoader): Promise<Batch['source']> {
  for await (const { source } of loader) return source;
  return undefined;
}

async function* rows({ ids, logits, classes }: Predictions) {
  for (const [i, id] of ids.entries()) {
    yield { id, view: 0, logits: logits.subarray(i * classes, (i + 1) * classes) };
  }
}
