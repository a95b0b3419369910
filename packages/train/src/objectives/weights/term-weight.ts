import { KdError, type StepContext } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Objective, ObjectiveInput } from '../objective.ts';

/** A weight that goes with training, such as `linearWeight`. */
export interface WeightSchedule {
  /** For checkpoints. */
  readonly name: string;
  /** What else makes it what it is: a checkpoint continues only with the same. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The weight in one step, >= 0. */
  at(context: StepContext): number;
}

/** How much a term of a loss counts, >= 0: always the same, by a schedule, or by a function, of which a checkpoint knows the name. */
export type TermWeight = number | WeightSchedule | ((context: StepContext) => number);

/** The weight in one step. */
export function weightAt(weight: TermWeight, context: StepContext): number {
  if (typeof weight === 'number') return weight;
  return typeof weight === 'function' ? weight(context) : weight.at(context);
}

/** What a checkpoint compares. */
export function describeWeight(weight: TermWeight): unknown {
  if (typeof weight === 'number') return weight;
  return typeof weight === 'function' ? weight.name || 'function' : { schedule: weight.name, ...weight.settings };
}

/** Refuses a fixed weight that is none; what a schedule gives is looked at in each step. */
export function checkWeight(
  where: string,
  name: string,
  weight: TermWeight | undefined,
  most: number = Infinity,
): void {
  if (weight === undefined || typeof weight === 'function') return;
  if (typeof weight === 'object' && typeof weight?.at === 'function') return;
  if (typeof weight === 'number' && weight >= 0 && weight <= most && weight < Infinity) return;
  const range = most === Infinity ? '>= 0' : `in [0, ${most}]`;
  throw new KdError(
    'INVALID_ARGUMENT',
    `${where}: ${name} must be ${range}, a schedule such as linearWeight() or a function of the step, got ${weight}`,
    { [name]: weight },
  );
}

/** Those that change from step to step, as an objective has them in `weights`. */
export function changingWeights(
  weights: Readonly<Record<string, TermWeight | undefined>>,
): Record<string, (context: StepContext) => number> {
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, weight]) =>
      weight === undefined || typeof weight === 'number'
        ? []
        : [[name, (context: StepContext) => weightAt(weight, context)]],
    ),
  );
}

/** A weight as a factor of its term: what the engine gives for it, so that a compiled step has it as an input. */
function factorOf(name: string, weight: TermWeight, { weights, context }: ObjectiveInput): number | tf.Scalar {
  return typeof weight === 'number' ? weight : (weights?.[name] ?? weightAt(weight, context));
}

/** One term of a loss. */
export interface WeightedTerm {
  name: string;
  weight: TermWeight;
  value: tf.Scalar;
}

/** `sum_i weight_i * value_i` */
export function weightedSum(terms: readonly WeightedTerm[], input: ObjectiveInput): tf.Scalar {
  return terms
    .map(({ name, weight, value }) => tf.mul<tf.Scalar>(value, factorOf(name, weight, input)))
    .reduce((sum, term) => tf.add(sum, term));
}

/** All changing weights of an objective in one step: what the loop hands to the engine. */
export function weightsInStep(
  { name, weights }: Objective,
  context: StepContext,
): { weights?: Record<string, number> } {
  if (!weights || Object.keys(weights).length === 0) return {};
  const values = Object.entries(weights).map(([term, at]): [string, number] => {
    const value = at(context);
    if (value >= 0 && value < Infinity) return [term, value];
    throw new KdError(
      'INVALID_ARGUMENT',
      `train: the weight '${term}' of ${name} is ${value} at step ${context.step}, epoch ${context.epoch}; it must be >= 0`,
      { term, value, step: context.step },
    );
  });
  return { weights: Object.fromEntries(values) };
}
