import type { DataLoader } from '@kd/core';
import { emitWarning } from '@kd/core/node';
import { DEFAULTS } from '../../arguments/defaults.ts';
import { checkTeacher, type TeacherCheck, tellCheck } from '../../experiments/teacher-check.ts';
import type { Predictions } from '../../loop/ask-loader.ts';
import type { Teacher } from '../../teachers/teacher.ts';
import { openTeacher } from '../trainer/open-teacher.ts';
import { type Processors, prepareSplit, processorsOf, type Split, seeTheSame, splitLoader } from './data.ts';
import { askAll, labelledTeacher, rememberingTeacher } from './label-once.ts';
import { isChanged, plannedArms, type StudyOptions } from './options.ts';

/** What all runs of a study share. */
export interface StudyData {
  processors: Processors;
  splits: Record<'train' | 'validation' | 'test', Split>;
  loaders: Record<'validation' | 'test', DataLoader>;
  /** What it is, for the runs' settings. */
  fingerprints: Record<'train' | 'validation' | 'test', string>;
  /** The teacher, who remembers, and is asked about images that are changed before they are learned from. */
  teacher: Teacher;
  /** Its answers to the images as they are. */
  labelled: Teacher;
  check: TeacherCheck;
}

/** Prepares the images, looks how good the teacher is, and asks it about all images that are learned from. */
export async function openStudy(options: StudyOptions): Promise<StudyData> {
  const { train, validation, test, normalize, signal, onPhase, onWarning = emitWarning, outputDir } = options;
  const batchSize = options.perDeviceEvalBatchSize ?? DEFAULTS.perDeviceEvalBatchSize;
  const processors = await processorsOf(options);
  const splits = {
    train: await prepareSplit(train, processors.student, options),
    validation: await prepareSplit(validation, processors.student, options),
    test: await prepareSplit(test, processors.student, options),
  };
  const settings = { processor: processors.student, batchSize, ...(normalize ? { normalize } : {}) };
  const loaders = {
    train: await splitLoader(splits.train, settings),
    validation: await splitLoader(splits.validation, settings),
    test: await splitLoader(splits.test, settings),
  };
  const teacher = openTeacher('study', options.teacher, options, {
    classNames: train.classNames,
    outputDir,
    onWarning,
  });
  const ask = async (split: 'train' | 'validation', name: string): Promise<Predictions> => {
    const same = seeTheSame(processors);
    const loader = same
      ? loaders[split]
      : await splitLoader({ given: splits[split].given }, { ...settings, processor: processors.teacher });
    onPhase?.(`The teacher is asked about ${loader.sampleCount.toLocaleString('en-US')} ${name} images`);
    return askAll(teacher, loader, signal, options.onLabelled);
  };
  const known = await ask('validation', 'validation');
  const check = checkTeacher(known, options.forceTeacher ?? false);
  onPhase?.(`It is right on ${tellCheck(check)}`);
  const asTheyAre = plannedArms(options).some(({ taught, args }) => taught && !isChanged(args));
  const learned = asTheyAre ? [{ answers: await ask('train', 'training'), loader: loaders.train }] : [];
  const fingerprints = {
    train: await loaders.train.fingerprint(),
    validation: await loaders.validation.fingerprint(),
    test: await loaders.test.fingerprint(),
  };
  const validated = { answers: known, loader: loaders.validation };
  return {
    processors,
    splits,
    loaders,
    fingerprints,
    teacher: await rememberingTeacher(teacher, [validated]),
    labelled: await labelledTeacher(teacher, [...learned, validated]),
    check,
  };
}
