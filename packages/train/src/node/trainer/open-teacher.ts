import { join } from 'node:path';
import { KdError } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { StepEngineFactory } from '../../engine/step-engine.ts';
import { type LabelMap, matchLabels } from '../../labels/match-labels.ts';
import { classNamesOf } from '../../labels/model-labels.ts';
import { relabeledTeacher } from '../../labels/relabeled-teacher.ts';
import type { TrainOptions } from '../../loop/train-options.ts';
import { type CachedTeacherOptions, cachedTeacher } from '../../teachers/cached-teacher.ts';
import { modelTeacher } from '../../teachers/model-teacher.ts';
import type { Teacher } from '../../teachers/teacher.ts';
import { answerFolder } from '../answers/answer-folder.ts';
import { isModel } from './options.ts';

export interface TeacherOptions {
  /** The teacher's classes that the data calls otherwise: `{ LABEL_0: 'angular_leaf_spot' }`. */
  teacherLabelMap?: LabelMap;
  /**
   * Whether and how the teacher's answers are kept: each view of an image is asked about once. Without a `folder` they go to
   * `<outputDir>/teacher`. Images that come once, by augmentation without `views` or by mixing, are asked about each time in
   * any case. @default true
   */
  teacherCache?: boolean | CachedTeacherOptions;
}

/** A model or teacher as one that remembers, with its classes in the order of the data. */
export function openTeacher(
  caller: string,
  given: LayersModel | Teacher,
  { teacherLabelMap, teacherCache = true, engine }: TeacherOptions & Pick<TrainOptions, 'engine'>,
  {
    classNames,
    outputDir,
    onWarning,
  }: { classNames: readonly string[]; outputDir: string; onWarning: (message: string) => void },
): Teacher {
  const taught = isModel(given) ? classNamesOf(given) : given.classNames;
  const teacher = isModel(given) ? askedBy(engine, given, taught) : given;
  const cached = remembering(teacher, teacherCache, outputDir, onWarning);
  if (!taught) {
    if (teacherLabelMap) {
      throw new KdError(
        'INVALID_ARGUMENT',
        `${caller}: teacherLabelMap is given, but the teacher does not name its classes`,
      );
    }
    onWarning(
      `${caller}: the teacher does not say what its classes are called; they are taken to be in the order of the data`,
    );
    return cached;
  }
  const order = matchLabels(taught, classNames, { caller, ...(teacherLabelMap ? { teacherLabelMap } : {}) });
  if (!order) return taught.join('\n') === classNames.join('\n') ? cached : { ...cached, classNames };
  onWarning(
    `${caller}: the teacher has the same classes in another order; its logits are brought to that of the data ` +
      `(${classNames.map((name, i) => `${i} ${name} was ${order[i]}`).join(', ')})`,
  );
  return relabeledTeacher(cached, order, classNames);
}

function askedBy(
  engine: StepEngineFactory | undefined,
  model: LayersModel,
  classNames: readonly string[] | undefined,
): Teacher {
  const forward = engine?.forward?.(model);
  return modelTeacher(model, { ...(classNames ? { classNames } : {}), ...(forward ? { forward } : {}) });
}

function remembering(
  teacher: Teacher,
  cache: boolean | CachedTeacherOptions,
  outputDir: string,
  onWarning: (message: string) => void,
): Teacher {
  if (cache === false || !teacher.deterministic || 'counts' in teacher) return teacher;
  const given = cache === true ? {} : cache;
  const cached = cachedTeacher(teacher, { folder: answerFolder(join(outputDir, 'teacher'), { onWarning }), ...given });
  return teacher.taps && !cached.taps ? teacher : cached; // features that the cache does not keep
}
