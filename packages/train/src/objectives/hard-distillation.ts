import { KdError } from '@kd/core';
import { hardDistillationLoss } from '@kd/losses';
import type { Teacher } from '../teachers/teacher.ts';
import { hardLoss } from './hard-loss.ts';
import type { Objective } from './objective.ts';
import { changingWeights, checkWeight, describeWeight, type TermWeight, weightedSum } from './weights/term-weight.ts';

export interface HardDistillationObjectiveOptions {
  teacher: Teacher;
  /** Weight of the term with the teacher's decision, >= 0, fixed or scheduled. @default 0.5 */
  teacherWeight?: TermWeight;
  /** Weight of the cross-entropy with the labels, >= 0, fixed or scheduled. @default 0.5 */
  labelWeight?: TermWeight;
  /** Of the true labels, in [0, 1]; DeiT has 0.1. @default 0 */
  labelSmoothing?: number;
  /** Of the teacher's decision, in [0, 1], which DeiT does not smooth. @default 0 */
  teacherLabelSmoothing?: number;
}

/**
 * Learn the teacher's decision like a label, beside the true one.
 *
 * `loss = labelWeight * CE(student, labels) + teacherWeight * CE(student, argmax(teacher))`
 *
 * Without labels (and with `labelWeight` 0) it is training on pseudo-labels. For a student with a distillation token, whose
 * heads learn one each: `deitDistillation`.
 *
 * @throws {KdError} INVALID_ARGUMENT if a weight is out of range; INVALID_DATA from the first step for a batch without labels,
 *   unless `labelWeight` is 0
 *
 * Reference: Touvron et al. 2021, "Training data-efficient image transformers & distillation through attention", equation 3.
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { hardDistillation, modelTeacher } from '@kd/train';
 * const teacher = modelTeacher(mlp({ hiddenSizes: [4], classNames: ['cat', 'dog'] }));
 * console.log(hardDistillation({ teacher, labelSmoothing: 0.1 }).name); // hardDistillation
 */
export function hardDistillation({ teacher, ...options }: HardDistillationObjectiveOptions): Objective {
  const { teacherWeight = 0.5, labelWeight = 0.5, labelSmoothing = 0, teacherLabelSmoothing = 0 } = options;
  const weights = { teacherWeight, labelWeight };
  for (const [name, weight] of Object.entries(weights)) checkWeight('hardDistillation', name, weight);
  return {
    name: 'hardDistillation',
    settings: {
      teacherWeight: describeWeight(teacherWeight),
      labelWeight: describeWeight(labelWeight),
      labelSmoothing,
      teacherLabelSmoothing,
    },
    weights: changingWeights(weights),
    teacher,
    loss(input) {
      const taught = hardDistillationLoss(input.studentLogits, input.teacherLogits!, undefined, {
        labelSmoothing: teacherLabelSmoothing,
      });
      const term = { name: 'teacherWeight', weight: teacherWeight, value: taught };
      const hard = hardLoss(input, { labelSmoothing, reduction: 'mean' });
      if (!hard && labelWeight !== 0) {
        throw new KdError('INVALID_DATA', 'hardDistillation: the batch has no labels; give them or make labelWeight 0');
      }
      if (!hard) return { loss: weightedSum([term], input), parts: { teacher_loss: taught } };
      const labelled = { name: 'labelWeight', weight: labelWeight, value: hard };
      return { loss: weightedSum([labelled, term], input), parts: { teacher_loss: taught, hard_loss: hard } };
    },
  };
}
