import { type Batch, type DataLoader, numericIds, type PixelNormalization } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { readLogits } from '../../engine/forward.ts';
import type { Predictions } from '../../loop/ask-loader.ts';
import type { Teacher } from '../../teachers/teacher.ts';
import { askTeacher, median, type TeacherAnswersToAll } from './ask-teacher.ts';
import { disagreedRows, worstRows } from './chosen-rows.ts';
import { findPictures } from './find-pictures.ts';
import type { ReportAnswers, ReportPicture } from './run-report.ts';

/** What there is to say about the networks' answers to the validation images. */
export interface Findings {
  answers?: ReportAnswers;
  pictures: readonly ReportPicture[];
  /** Of the trained network. */
  msPerImage?: number;
  teacherMsPerImage?: number;
  /** Why the teacher has no part in it. */
  teacherNote?: string;
}

export interface StudyOptions {
  model: LayersModel;
  validation: DataLoader;
  teacher: Teacher | undefined;
  /** Pictures at most of errors, and of disagreements. */
  pictureCount: number;
  normalization: PixelNormalization | undefined;
}

const TIMED_BATCHES = 4; // and one before them that is not counted

/** Median time of inference, on the first batches of the validation. */
async function timeModel(model: LayersModel, batches: AsyncIterable<Batch>): Promise<number | undefined> {
  const times: number[] = [];
  let warm = false;
  for await (const batch of batches) {
    const context = { seed: 0, epoch: 0, step: 0, ids: numericIds(batch.ids) };
    if (!warm) await readLogits(model, batch, 'inference', context);
    warm = true;
    const start = performance.now();
    await readLogits(model, batch, 'inference', context);
    times.push((performance.now() - start) / batch.ids.length);
    if (times.length === TIMED_BATCHES) break;
  }
  return median(times);
}

/** The teacher's answers, or why there are none: a report is not worth a run. */
async function tryTeacher(teacher: Teacher, validation: DataLoader): Promise<TeacherAnswersToAll | string> {
  if (!teacher.deterministic) {
    // It would be changed by being asked.
    return 'The teacher answers differently each time (dropout or batch statistics are on), so it was not asked about the validation images.';
  }
  try {
    return await askTeacher(teacher, validation);
  } catch (error) {
    return `The teacher could not answer for the validation images: ${error instanceof Error ? error.message : error}`;
  }
}

/** Looks at the answers that a page is to show; teacher and clock are asked at the first ones alone. */
export function createStudy({ model, validation, teacher, pictureCount, normalization }: StudyOptions): {
  study(predictions: Predictions, epoch: number): Promise<void>;
  findings(): Findings;
} {
  let found: Findings = { pictures: [] };
  let asked: TeacherAnswersToAll | string | undefined;
  return {
    async study(predictions, epoch) {
      const { labels, classes } = predictions;
      if (!labels) return;
      if (teacher) asked ??= await tryTeacher(teacher, validation);
      if (typeof asked === 'object' && asked.logits.length !== predictions.logits.length) {
        const scores = asked.logits.length / labels.length;
        asked = `The teacher gave ${scores} scores for each validation image, the trained network ${classes}.`;
      }
      const ofTeacher = typeof asked === 'object' ? asked : undefined;
      const answers = { ...predictions, labels, epoch, ...(ofTeacher ? { teacherLogits: ofTeacher.logits } : {}) };
      const msPerImage = found.msPerImage ?? (await timeModel(model, validation));
      const rows = [...worstRows(answers, pictureCount), ...disagreedRows(answers, pictureCount).rows];
      found = {
        answers,
        pictures: await findPictures(validation, predictions.ids, rows, normalization),
        ...(msPerImage === undefined ? {} : { msPerImage }),
        ...(ofTeacher?.msPerImage === undefined ? {} : { teacherMsPerImage: ofTeacher.msPerImage }),
        ...(typeof asked === 'string' ? { teacherNote: asked } : {}),
      };
    },
    findings: () => found,
  };
}
