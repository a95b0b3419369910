/** What a schedule may look at besides the step. */
export interface ScheduleContext {
  /** The base rate, that of the optimiser. */
  learningRate: number;
  /** Optimiser steps in an epoch. */
  stepsPerEpoch: number;
}

/**
 * How the learning rate goes with training: a factor on the base rate.
 *
 * @typeParam Metric - names of the metrics that it `needs`
 */
// biome-ignore lint/suspicious/noExplicitAny: a Schedule whose needs are not known fits anywhere, and is checked when the run starts
export interface Schedule<Metric extends string = any> {
  /** For logs and checkpoints. */
  readonly name: string;
  /** What else makes it what it is: a checkpoint continues only with the same. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Factor for one optimiser step, from 0. */
  factor(step: number, totalSteps: number, context: ScheduleContext): number;
  /** Metrics of evaluations that it cannot do without: the run does not start if there is no such metric. */
  readonly needs?: readonly Metric[];
  /** Told the metrics of an evaluation; true if the rate drops because of them. */
  onEvaluate?(metrics: Readonly<Record<string, number>>): boolean;
  /** What it remembers, for checkpoints. */
  state?(): Record<string, number>;
  restore?(state: Readonly<Record<string, number>>): void;
}
