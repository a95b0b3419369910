import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { DataLoader, EncodedDataset, ImageDataset } from '@kd/core';
import { optionalPackage } from '@kd/core/node';
import { loaderOf, processorOf, type TrainDataset, type TrainProcessor } from '../trainer/data.ts';
import { preprocessorOf } from '../trainer/model-files.ts';
import { isModel } from '../trainer/options.ts';
import type { StudyOptions } from './options.ts';

/** How images are prepared, where that is known. */
export interface Processors {
  student: TrainProcessor | undefined;
  teacher: TrainProcessor | undefined;
}

export async function processorsOf({ teacher, processor, teacherProcessor }: StudyOptions): Promise<Processors> {
  const ofTeacher = teacherProcessor ?? (isModel(teacher) ? preprocessorOf(teacher) : undefined);
  const ofStudent = processor ?? ofTeacher;
  return {
    student: ofStudent && (await processorOf('study', ofStudent)),
    teacher: ofTeacher && (await processorOf('study', ofTeacher)),
  };
}

/** Whether teacher and student see the same pixels. */
export const seeTheSame = ({ student, teacher }: Processors): boolean =>
  isDeepStrictEqual(student?.config, teacher?.config);

/** One split, as it came and as it is prepared. */
export interface Split {
  given: TrainDataset;
  /** For the student: decoded and resized, if there was something to do. */
  made?: ImageDataset;
}

/** Decodes and resizes encoded images once, into a folder; others are left as they are. */
export async function prepareSplit(
  given: TrainDataset,
  processor: TrainProcessor | undefined,
  { outputDir, signal, onPhase }: Pick<StudyOptions, 'outputDir' | 'signal' | 'onPhase'>,
): Promise<Split> {
  if (!processor || !isEncoded(given)) return { given };
  const how = { caller: 'study', use: 'preparing images' };
  const { processedDataset } = await optionalPackage('@kd/data', () => import('@kd/data/node'), how);
  const made = await processedDataset(given, processor as Parameters<typeof processedDataset>[1], {
    cacheDir: join(outputDir, 'images'),
    ...(signal ? { signal } : {}),
    ...(onPhase ? { onMessage: onPhase } : {}),
  });
  return { given, made };
}

const isEncoded = (data: TrainDataset): data is EncodedDataset => 'read' in data;

/** How a split is made into batches. */
export interface BatchSettings {
  processor: TrainProcessor | undefined;
  batchSize: number;
  normalize?: StudyOptions['normalize'];
  /** Of the order; without, that of the data. */
  seed?: number;
}

/** Batches of a split; for the student, of its prepared images. */
export async function splitLoader(
  { given, made }: Split,
  { processor, batchSize, normalize, seed }: BatchSettings,
): Promise<DataLoader> {
  return loaderOf('study', made ?? given, {
    batchSize,
    workers: 0,
    ...(made ? { normalize: normalize ?? processor!.normalization } : { processor, normalize }),
    ...(seed === undefined ? {} : { shuffle: true, seed }),
  });
}
