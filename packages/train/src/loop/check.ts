import { type Batch, type DataLoader, KdError, type NamedTensor } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { featureNames } from '../engine/forward.ts';
import type { Objective } from '../objectives/objective.ts';
import type { RunIdentity } from './checkpoint.ts';
import { lastGood } from './not-finite.ts';

/** Classes of the data, the model and the teacher must be the same, in the same order. */
export function checkClasses(model: LayersModel, { teacher }: Objective, loader: DataLoader): void {
  const { classNames } = loader;
  const outputs = Array.isArray(model.outputShape[0]) ? model.outputShape[0] : model.outputShape;
  const classes = outputs[outputs.length - 1];
  if (classes !== classNames.length) {
    throw new KdError(
      'MISMATCH',
      `train: model '${model.name}' has ${classes} outputs, the data ${classNames.length} classes (${classNames.join(', ')})`,
      { classes, classNames },
    );
  }
  const taught = teacher?.classNames;
  if (taught && taught.join('\n') !== classNames.join('\n')) {
    throw new KdError(
      'MISMATCH',
      `train: the teacher's classes (${taught.join(', ')}) are not those of the data (${classNames.join(', ')}), ` +
        'or have another order',
      { teacher: taught, data: classNames },
    );
  }
}

/** Taps that an objective speaks of must be outputs of student and teacher. */
export function checkTaps(model: LayersModel, { name, taps, teacher }: Objective): void {
  if (!taps) return;
  const check = (whose: string, wanted: readonly string[], there: readonly string[]): void => {
    const missing = wanted.filter((tap) => !there.includes(tap));
    if (missing.length === 0) return;
    const has = there.length > 0 ? `only ${there.join(', ')}` : 'none';
    throw new KdError(
      'NOT_FOUND',
      `train: ${name} wants the features ${missing.join(', ')} of the ${whose}, which has ${has}; name these layers to withTaps`,
      { missing, there },
    );
  };
  check('student', taps.student, featureNames(model));
  check('teacher', taps.teacher, teacher?.answers ? (teacher.taps ?? []) : []);
}

/** Labels index memory on the backend: they are checked on the way in. */
export function checkLabels({ ids, labels, targets }: Batch, classes: number): void {
  if (targets && targets.length !== ids.length * classes) {
    throw new KdError(
      'INVALID_DATA',
      `train: a batch of ${ids.length} samples of ${classes} classes has ${targets.length} targets, not ${ids.length * classes}`,
    );
  }
  if (!labels) return;
  if (labels.length !== ids.length) {
    throw new KdError('INVALID_DATA', `train: a batch of ${ids.length} samples has ${labels.length} labels`);
  }
  const row = labels.findIndex((label) => label < 0 || label >= classes);
  if (row >= 0) {
    throw new KdError('INVALID_DATA', `train: label ${labels[row]} of sample ${ids[row]} is not in [0, ${classes})`, {
      label: labels[row],
      id: ids[row],
    });
  }
}

/** An engine that does not look at gradients may have ruined the weights; then the last checkpoint is the one to keep. */
export function checkWeights(weights: readonly NamedTensor[], step: number, savedAt: string | undefined): void {
  const ruined = weights.find(({ data }) => !data.every(Number.isFinite));
  if (!ruined) return;
  throw new KdError(
    'NOT_FINITE',
    `train: '${ruined.name}' has values that are no numbers after step ${step}, so no checkpoint is written; ` +
      `${lastGood(savedAt)}. Lower the learning rate, or look for a square root at 0 in the objective`,
    { name: ruined.name, step, checkpoint: savedAt },
  );
}

/**
 * A checkpoint continues only the run that wrote it: with other data, another rate or another seed the result would be
 * neither. More epochs may be asked for.
 */
export function checkResumable(saved: RunIdentity, now: RunIdentity): void {
  const differing = (Object.keys(now) as (keyof typeof now)[]).filter((key) => saved[key] !== now[key]);
  if (differing.length === 0) return;
  const list = differing.map((key) => `${key} was ${saved[key]}, is ${now[key]}`).join('; ');
  throw new KdError('MISMATCH', `train: cannot resume, the checkpoint is of another run: ${list}`, { saved, now });
}
