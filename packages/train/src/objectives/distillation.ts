import { KdError } from '@kd/core';
import { type DistillationOptions, distillationTerms } from '@kd/losses';
import type { Teacher } from '../teachers/teacher.ts';
import { hardLoss } from './hard-loss.ts';
import type { Objective } from './objective.ts';
import {
  changingWeights,
  checkWeight,
  describeWeight,
  type TermWeight,
  weightAt,
  weightedSum,
} from './weights/term-weight.ts';

type FixedOptions = 'temperature' | 'scaleByTemperatureSquared' | 'labelSmoothing' | 'ignoreIndex';

export interface DistillationObjectiveOptions extends Pick<DistillationOptions, FixedOptions> {
  teacher: Teacher;
  /** Weight of the soft term, >= 0, fixed or scheduled. @default 0.9, or 1 without labels */
  softWeight?: TermWeight;
  /** Weight of the hard term, likewise. @default 0.1, or 0 without labels */
  hardWeight?: TermWeight;
  /** As the Hugging Face guide means it: softWeight = lambda, hardWeight = 1 - lambda. In [0, 1], fixed or scheduled. */
  lambda?: TermWeight;
  /** As in `distillationLoss`; a batch needs one number. @default 'batchmean' */
  reduction?: 'batchmean' | 'mean' | 'sum';
}

/**
 * Learn from a teacher and the labels: `distillationLoss` of `@kd/losses`, with its options and defaults, and weights that
 * may change with training. The logs show its terms, not weighted, as `soft_loss` and `hard_loss`.
 *
 * `loss = softWeight * T^2 * KL(softmax(teacher / T) || softmax(student / T)) + hardWeight * CE(student, labels)`
 *
 * For mixed samples the hard term is the cross-entropy with their shares of classes.
 *
 * @throws {KdError} INVALID_ARGUMENT if a weight is out of range, or lambda is given with the other two; from the first
 *   step for other options out of range, or a `hardWeight` without labels
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { cachedTeacher, distillation, linearWeight, modelTeacher } from '@kd/train';
 * const teacher = cachedTeacher(modelTeacher(mlp({ hiddenSizes: [4], classNames: ['cat', 'dog'] })));
 * console.log(distillation({ teacher, temperature: 5, lambda: 0.5 }).name); // distillation
 * const rising = distillation({ teacher, softWeight: linearWeight({ epochs: 5 }), hardWeight: 1 });
 * console.log(Object.keys(rising.weights!)); // [ 'softWeight' ]
 */
export function distillation({ teacher, ...options }: DistillationObjectiveOptions): Objective {
  const { lambda, softWeight, hardWeight, labelSmoothing = 0, ignoreIndex, reduction = 'batchmean', ...soft } = options;
  const given = { lambda, softWeight, hardWeight };
  for (const [name, weight] of Object.entries(given)) {
    checkWeight('distillation', name, weight, name === 'lambda' ? 1 : Infinity);
  }
  if (lambda !== undefined && (softWeight ?? hardWeight) !== undefined) {
    throw new KdError('INVALID_ARGUMENT', 'distillation: give either lambda or softWeight and hardWeight', given);
  }
  const softGiven = lambda ?? softWeight;
  const hardGiven = lambda === undefined ? hardWeight : remainder(lambda);
  const described = Object.entries(given).flatMap(([name, weight]) =>
    weight === undefined ? [] : [[name, describeWeight(weight)] as const],
  );
  return {
    name: 'distillation',
    settings: { ...options, ...Object.fromEntries(described) },
    weights: changingWeights({ softWeight: softGiven, hardWeight: hardGiven }),
    teacher,
    loss(input) {
      const { studentLogits, teacherLogits } = input;
      const hard = hardLoss(input, {
        labelSmoothing,
        reduction: reduction === 'sum' ? 'sum' : 'mean',
        ...(ignoreIndex === undefined ? {} : { ignoreIndex }),
      });
      const only = { ...soft, reduction, softWeight: 1 };
      const { softLoss } = distillationTerms(studentLogits, teacherLogits!, undefined, only);
      const softTerm = { name: 'softWeight', weight: softGiven ?? (hard ? 0.9 : 1), value: softLoss };
      if (!hard) {
        checkUnlabelled(hardGiven);
        return { loss: weightedSum([softTerm], input), parts: { soft_loss: softLoss } };
      }
      const hardTerm = { name: 'hardWeight', weight: hardGiven ?? 0.1, value: hard };
      return { loss: weightedSum([softTerm, hardTerm], input), parts: { soft_loss: softLoss, hard_loss: hard } };
    },
  };
}

/** `1 - lambda` */
const remainder = (lambda: TermWeight): TermWeight =>
  typeof lambda === 'number' ? 1 - lambda : (context) => 1 - weightAt(lambda, context);

function checkUnlabelled(hardWeight: TermWeight | undefined): void {
  if (hardWeight === undefined || hardWeight === 0) return;
  const weight = typeof hardWeight === 'number' ? hardWeight : 'scheduled';
  throw new KdError(
    'INVALID_ARGUMENT',
    `distillation: hardWeight is ${weight} but the batch has no labels; give them or make it 0`,
    { hardWeight },
  );
}
