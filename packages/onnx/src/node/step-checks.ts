import { KdError } from '@kd/core';
import type { NamedVariable } from '@kd/ops';
import type { StepArray } from './trace-step.ts';

const refuse = (problem: string, details: Record<string, unknown>): never => {
  throw new KdError('INVALID_ARGUMENT', `compileStep: ${problem}`, details);
};

/** What is trained has a place of its own in flat arrays of float32. */
export function checkTrainable(variables: readonly NamedVariable[], trainable: readonly NamedVariable[]): void {
  if (trainable.length === 0) {
    refuse('none of the variables is trainable; unfreeze a layer', { variables: variables.map(({ name }) => name) });
  }
  const names = new Set<string>();
  const nameOf = new Map<NamedVariable['variable'], string>();
  for (const { name, variable } of trainable) {
    if (names.has(name)) refuse(`two variables are called '${name}'; give each a name of its own`, { name });
    const same = nameOf.get(variable);
    if (same !== undefined) refuse(`'${same}' and '${name}' are the same variable; leave one out`, { name });
    if (variable.dtype !== 'float32')
      refuse(`'${name}' must be float32 to be trained, got ${variable.dtype}`, { name });
    names.add(name);
    nameOf.set(variable, name);
  }
}

/** Anything but these two would silently be cut to whole numbers. */
export function checkInputs(inputs: Readonly<Record<string, StepArray>>): void {
  if (!inputs || typeof inputs !== 'object') refuse(`inputs must be an object, got ${inputs}`, {});
  for (const [name, { data, shape }] of Object.entries(inputs)) {
    if (!(data instanceof Float32Array || data instanceof Int32Array)) {
      const got = (data as object | undefined)?.constructor?.name ?? data;
      refuse(`the data of '${name}' must be a Float32Array or an Int32Array, got ${got}`, { name });
    }
    if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0)) {
      refuse(`the shape of '${name}' must be a list of whole numbers, got ${JSON.stringify(shape)}`, { name, shape });
    }
  }
}

export function checkLearningRate(learningRate: unknown): void {
  if (!Number.isFinite(learningRate)) {
    refuse(`learningRate must be a finite number, got ${learningRate}`, { learningRate });
  }
}
