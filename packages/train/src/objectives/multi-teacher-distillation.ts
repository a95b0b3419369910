import { KdError } from '@kd/core';
import { klDivergenceLoss } from '@kd/losses';
import type * as tf from '@tensorflow/tfjs-core';
import type { Teacher } from '../teachers/teacher.ts';
import { teacherEnsemble } from '../teachers/teacher-ensemble.ts';
import { hardLoss } from './hard-loss.ts';
import type { Objective } from './objective.ts';
import { changingWeights, checkWeight, describeWeight, type TermWeight, weightedSum } from './weights/term-weight.ts';

/** One of several teachers, with a term of the loss of its own. */
export interface TeacherTerm {
  teacher: Teacher;
  /** >= 0, fixed or scheduled. @default 1 */
  weight?: TermWeight;
  /** > 0. @default 4 */
  temperature?: number;
  /** In the logs. @default `soft_loss_<i>`, from 0 */
  name?: string;
}

export interface MultiTeacherDistillationOptions {
  teachers: readonly TeacherTerm[];
  /** Weight of the cross-entropy with the labels, >= 0, fixed or scheduled. @default 0.1 */
  hardWeight?: TermWeight;
  /** Label smoothing of the hard term, in [0, 1]. @default 0 */
  labelSmoothing?: number;
}

/**
 * Learn from several teachers, each with a term, a weight and a temperature of its own. For one soft term from their mean
 * answer, give `distillation` a `teacherEnsemble`.
 *
 * `loss = sum_i weight_i * T_i^2 * KL(softmax(teacher_i / T_i) || softmax(student / T_i)) + hardWeight * CE(student, labels)`
 *
 * Without labels the last term is left out. All teachers are asked about the same images.
 *
 * @throws {KdError} INVALID_ARGUMENT if there is no teacher, two terms have one name, or a weight is out of range; MISMATCH
 *   if the teachers have other classes
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { cachedTeacher, linearWeight, modelTeacher, multiTeacherDistillation } from '@kd/train';
 * const [large, small] = [64, 8].map((units) =>
 *   cachedTeacher(modelTeacher(mlp({ hiddenSizes: [units], classNames: ['cat', 'dog'] }))),
 * );
 * const objective = multiTeacherDistillation({
 *   teachers: [
 *     { teacher: small!, weight: linearWeight({ from: 1, to: 0, epochs: 10 }) },
 *     { teacher: large!, temperature: 2, name: 'large' },
 *   ],
 * });
 * console.log(Object.keys(objective.weights!)); // [ 'soft_loss_0' ]
 */
export function multiTeacherDistillation(options: MultiTeacherDistillationOptions): Objective {
  const { teachers, hardWeight = 0.1, labelSmoothing = 0 } = options;
  const terms = teachers.map(({ teacher: _, weight = 1, temperature = 4, name }, i) => ({
    name: name ?? `soft_loss_${i}`,
    weight,
    temperature,
    tap: `${i}/logits`,
  }));
  for (const { name, weight } of terms) checkWeight('multiTeacherDistillation', `weight of '${name}'`, weight);
  checkWeight('multiTeacherDistillation', 'hardWeight', hardWeight);
  const names = ['hard_loss', ...terms.map(({ name }) => name)];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    const problem = `two terms are called '${twice}'; give one a name of its own`;
    throw new KdError('INVALID_ARGUMENT', `multiTeacherDistillation: ${problem}`, { names });
  }
  return {
    name: 'multiTeacherDistillation',
    settings: {
      teachers: terms.map(({ name, weight, temperature }) => ({ name, temperature, weight: describeWeight(weight) })),
      hardWeight: describeWeight(hardWeight),
      labelSmoothing,
    },
    weights: changingWeights({
      hard_loss: hardWeight,
      ...Object.fromEntries(terms.map(({ name, weight }) => [name, weight])),
    }),
    teacher: teacherEnsemble(teachers.map(({ teacher }) => teacher)),
    taps: { student: [], teacher: terms.map(({ tap }) => tap) },
    loss(input) {
      const { studentLogits, teacherFeatures } = input;
      const soft = terms.map(({ name, weight, temperature, tap }) => ({
        name,
        weight,
        value: klDivergenceLoss(studentLogits, teacherFeatures![tap] as tf.Tensor2D, undefined, { temperature }),
      }));
      const hard = hardLoss(input, { labelSmoothing, reduction: 'mean' });
      const all = hard ? [...soft, { name: 'hard_loss', weight: hardWeight, value: hard }] : soft;
      return {
        loss: weightedSum(all, input),
        parts: Object.fromEntries(all.map(({ name, value }) => [name, value])),
      };
    },
  };
}
