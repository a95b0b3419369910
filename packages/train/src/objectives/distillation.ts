import { type DistillationOptions, distillationTerms } from '@kd/losses';
import type { Teacher } from '../teachers/teacher.ts';
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
    loss({ studentLogits, teacherLogits, labels }) {
      const terms = distillationTerms(studentLogits, teacherLogits!, labels, { ...options, validateLabels: false });
      const { loss, softLoss, hardLoss } = terms;
      return { loss, parts: { soft_loss: softLoss, ...(hardLoss ? { hard_loss: hardLoss } : {}) } };
    },
  };
}
