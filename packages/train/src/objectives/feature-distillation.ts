import { KdError } from '@kd/core';
import { connectorVariables } from '@kd/losses';
import type { NamedVariable } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Teacher } from '../teachers/teacher.ts';
import type { DistillationObjectiveOptions } from './distillation.ts';
import { distillation } from './distillation.ts';
import type { Objective, ObjectiveInput } from './objective.ts';
import { changingWeights, checkWeight, describeWeight, type TermWeight, weightedSum } from './weights/term-weight.ts';

/** How one feature of the student follows one of the teacher's. */
export interface FeatureTerm {
  /** The student's layer; it must be one of the student's taps. */
  student: string;
  /** The teacher's layer; it must be one of the teacher's taps. */
  teacher: string;
  /** A feature loss of `@kd/losses`, such as `hintLoss`, or one of the same form. */
  loss(student: tf.Tensor, teacher: tf.Tensor, labels?: tf.Tensor1D): tf.Scalar; // a method: losses of maps alone are of that form
  /** >= 0, fixed or scheduled. @default 1 */
  weight?: TermWeight;
  /** Brings the student's feature to the teacher's shape; trained along, and no part of the student. */
  connector?: { apply(feature: tf.Tensor): tf.Tensor; readonly variables: readonly NamedVariable[] };
  /** In the logs. @default `feature_<student>` */
  name?: string;
}

export interface FeatureDistillationOptions extends Omit<DistillationObjectiveOptions, 'teacher'> {
  /** One with taps: `modelTeacher(withTaps(model, […]))`. */
  teacher: Teacher;
  features: readonly FeatureTerm[];
}

/**
 * Learn from a teacher's features, its logits and the labels: `distillation()`, with its options, and further terms.
 *
 * `loss = distillation + sum_i weight_i * loss_i(connector_i(studentFeature_i), teacherFeature_i)`
 *
 * Student and teacher are models with taps, so that one forward pass of each gives logits and features. With `softWeight`
 * 0 the logits of the teacher count for nothing. Connectors are trained and kept in checkpoints with the student.
 *
 * @throws {KdError} INVALID_ARGUMENT if there is no term, or two have one name; from `train` NOT_FOUND for a tap that
 *   student or teacher do not have
 *
 * @example
 * import { hintLoss } from '@kd/losses';
 * import { mlp, withTaps } from '@kd/models';
 * import { featureDistillation, modelTeacher } from '@kd/train';
 * const teacherModel = mlp({ hiddenSizes: [8, 8], classNames: ['cat', 'dog'] });
 * const teacher = modelTeacher(withTaps(teacherModel, ['relu2']));
 * const features = [{ student: 'relu1', teacher: 'relu2', loss: hintLoss, weight: 0.5 }];
 * console.log(featureDistillation({ teacher, features, temperature: 5 }).taps); // { student: [ 'relu1' ], teacher: [ 'relu2' ] }
 */
export function featureDistillation({ teacher, features, ...options }: FeatureDistillationOptions): Objective {
  const named = features.map((term) => ({ ...term, name: term.name ?? `feature_${term.student}` }));
  const twice = named.find(({ name }, i) => named.some((other, j) => j < i && other.name === name));
  if (named.length === 0 || twice) {
    const problem = twice ? `two terms are called '${twice.name}'; give one a name of its own` : 'there is no term';
    throw new KdError('INVALID_ARGUMENT', `featureDistillation: features: ${problem}`, { features: named.length });
  }
  for (const { name, weight } of named) checkWeight('featureDistillation', `features: weight of '${name}'`, weight);
  const base = distillation({ teacher, ...options });
  return {
    ...base,
    name: 'featureDistillation',
    settings: { ...base.settings, features: named.map(describe) },
    weights: {
      ...base.weights,
      ...changingWeights(Object.fromEntries(named.map(({ name, weight }) => [name, weight]))),
    },
    taps: {
      student: unique(named.map(({ student }) => student)),
      teacher: unique(named.map((term) => term.teacher)),
    },
    variables: connectorVariables(...named.flatMap(({ connector }) => (connector ? [connector] : []))),
    loss(input) {
      const { loss, parts } = base.loss(input);
      const terms = named.map((term) => {
        const { name, weight = 1 } = term;
        return { name, weight, value: termLoss(term, input) };
      });
      const values = Object.fromEntries(terms.map(({ name, value }) => [name, value]));
      return { loss: tf.add<tf.Scalar>(loss, weightedSum(terms, input)), parts: { ...parts, ...values } };
    },
  };
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];

/** What a checkpoint compares: functions by their names. */
const describe = ({ name, student, teacher, loss, weight = 1, connector }: FeatureTerm): Record<string, unknown> => ({
  name,
  student,
  teacher,
  loss: loss.name,
  weight: describeWeight(weight),
  connector: connector?.variables.map((each) => each.name),
});

function termLoss(
  { student, teacher, loss, connector }: FeatureTerm,
  { studentFeatures, teacherFeatures, labels }: ObjectiveInput,
): tf.Scalar {
  const feature = studentFeatures[student]!;
  return loss(connector ? connector.apply(feature) : feature, teacherFeatures![teacher]!, labels);
}
