/** What a schedule may look at besides the step. */
export interface ScheduleContext {
  /** The base rate, that of the optimiser. */
  learningRate: number;
  /** Optimiser steps in an epoch. */
  stepsPerEpoch: number;
}

/** How the learning rate goes with training: a factor on the base rate. */
export interface Schedule {
  /** For logs and checkpoints. */
  readonly name: string;
  /** What else makes it what it is: a checkpoint continues only with the same. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Factor for one optimiser step, from 0. */
  factor(step: number, totalSteps: number, context: ScheduleContext): number;
  /** Told the metrics of an epoch; true if the rate drops because of them. */
  onEpochEnd?(metrics: Readonly<Record<string, number>>): boolean;
  /** What it remembers, for checkpoints. */
  state?(): Record<string, number>;
  restore?(state: Readonly<Record<string, number>>): void;
}
