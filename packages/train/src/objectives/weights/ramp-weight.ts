import { KdError } from '@kd/core';
import type { WeightSchedule } from './term-weight.ts';

export interface RampOptions {
  /** At the first step, >= 0. @default 0 */
  from?: number;
  /** At the end of the ramp and after it, >= 0. @default 1 */
  to?: number;
  /** Optimiser steps that it takes, an integer >= 1; or `epochs`. */
  steps?: number;
  /** Epochs that it takes, an integer >= 1: the weight stays the same within an epoch. */
  epochs?: number;
}

/** A weight that goes from one value to another: `from + (to - from) * shape(min(1, done / length))`. */
function rampWeight(name: string, options: RampOptions, shape: (part: number) => number): WeightSchedule {
  const { from = 0, to = 1, steps, epochs } = options;
  const refuse = (problem: string): never => {
    throw new KdError('INVALID_ARGUMENT', `${name}: ${problem}`, { ...options });
  };
  for (const [option, value] of Object.entries({ from, to })) {
    if (!(value >= 0 && value < Infinity)) refuse(`${option} must be >= 0, got ${value}`);
  }
  if ((steps === undefined) === (epochs === undefined)) {
    refuse(`give either steps or epochs, got steps ${steps} and epochs ${epochs}`);
  }
  const length = (steps ?? epochs)!;
  const unit = steps === undefined ? 'epochs' : 'steps';
  if (!Number.isInteger(length) || length < 1) refuse(`${unit} must be an integer >= 1, got ${length}`);
  return {
    name,
    settings: { from, to, [unit]: length },
    at({ step, epoch }) {
      const done = Math.min(1, (unit === 'steps' ? step : epoch) / length);
      return from + (to - from) * shape(done);
    },
  };
}

/**
 * The weight of a term that rises (or falls) in a straight line: a warm-up of a feature loss, or a hard loss that fades in.
 *
 * `weight = from + (to - from) * min(1, step / steps)`, or the same of epochs, both from 0
 *
 * With accumulation all batches of an update have its weight. DKD's warm-up, `min((epoch + 1) / 20, 1)` of epochs from 0, is
 * `linearWeight({ from: 1 / 20, epochs: 19 })`.
 *
 * @throws {KdError} INVALID_ARGUMENT if a weight is negative, or not one of steps and epochs is an integer >= 1
 *
 * @example
 * import { linearWeight } from '@kd/train';
 * const { at } = linearWeight({ steps: 100 });
 * console.log(at({ seed: 0, epoch: 0, step: 25, ids: Uint32Array.of() })); // 0.25
 */
export function linearWeight(options: RampOptions): WeightSchedule {
  return rampWeight('linearWeight', options, (part) => part);
}

/**
 * The weight of a term that goes along half a cosine, with no slope at both ends.
 *
 * `weight = from + (to - from) * (1 - cos(pi * min(1, step / steps))) / 2`, or the same of epochs, both from 0
 *
 * @throws {KdError} INVALID_ARGUMENT if a weight is negative, or not one of steps and epochs is an integer >= 1
 *
 * @example
 * import { cosineWeight } from '@kd/train';
 * const { at } = cosineWeight({ from: 1, to: 0, epochs: 30 });
 * console.log(at({ seed: 0, epoch: 15, step: 900, ids: Uint32Array.of() }).toFixed(3)); // 0.500
 */
export function cosineWeight(options: RampOptions): WeightSchedule {
  return rampWeight('cosineWeight', options, (part) => (1 - Math.cos(Math.PI * part)) / 2);
}
