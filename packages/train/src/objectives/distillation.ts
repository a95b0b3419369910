import { type DistillationOptions, distillationTerms } from '@kd/losses';
import * as tf from '@tensorflow/tfjs-core';
import type { Teacher } from '../teachers/teacher.ts';
import { hardLoss } from './hard-loss.ts';
import type { Objective } from './objective.ts';

export interface DistillationObjectiveOptions
  extends Omit<DistillationOptions, 'reduction' | 'validateLabels' | 'sampleWeights' | 'mask'> {
  teacher: Teacher;
  /** As in `distillationLoss`; a batch needs one number. @default 'batchmean' */
  reduction?: 'batchmean' | 'mean' | 'sum';
}

/**
 * Learn from a teacher and the labels: `distillationLoss` of `@kd/losses`, with its options and defaults. The logs show
 * its terms as `soft_loss` and `hard_loss`.
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { cachedTeacher, distillation, modelTeacher } from '@kd/train';
 * const teacher = cachedTeacher(modelTeacher(mlp({ hiddenSizes: [4], classNames: ['cat', 'dog'] })));
 * console.log(distillation({ teacher, temperature: 5, lambda: 0.5 }).name); // distillation
 */
export function distillation({ teacher, ...options }: DistillationObjectiveOptions): Objective {
  return {
    name: 'distillation',
    settings: { ...options },
    teacher,
    loss({ studentLogits, teacherLogits, labels, targets }) {
      if (targets) return mixed({ studentLogits, teacherLogits: teacherLogits!, targets }, options);
      const terms = distillationTerms(studentLogits, teacherLogits!, labels, { ...options, validateLabels: false });
      const { loss, softLoss, hardLoss } = terms;
      return { loss, parts: { soft_loss: softLoss, ...(hardLoss ? { hard_loss: hardLoss } : {}) } };
    },
  };
}

/** As with labels, but the hard term is the cross-entropy with the shares of the classes. */
function mixed(
  input: { studentLogits: tf.Tensor2D; teacherLogits: tf.Tensor2D; targets: tf.Tensor2D },
  options: Omit<DistillationObjectiveOptions, 'teacher'>,
): ReturnType<Objective['loss']> {
  const {
    lambda,
    labelSmoothing = 0,
    softWeight,
    hardWeight = lambda === undefined ? 0.1 : 1 - lambda,
    ...rest
  } = options;
  const soft = distillationTerms(input.studentLogits, input.teacherLogits, undefined, {
    ...rest,
    softWeight: softWeight ?? lambda ?? 0.9,
  });
  const hard = hardLoss(input, { labelSmoothing, reduction: rest.reduction === 'sum' ? 'sum' : 'mean' })!;
  const loss = tf.add<tf.Scalar>(soft.loss, tf.mul(hard, hardWeight));
  return { loss, parts: { soft_loss: soft.softLoss, hard_loss: hard } };
}
