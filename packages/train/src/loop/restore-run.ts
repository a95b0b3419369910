import { KdError } from '@kd/core';
import type { Callback } from '../callbacks/callback.ts';
import { writeWeights } from '../model-weights.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { checkResumable } from './check.ts';
import type { Checkpoint, RunIdentity } from './checkpoint.ts';
import type { TrainOptions } from './train-options.ts';
import { trainedVariables } from './trained-variables.ts';

/** Of the state in a checkpoint; 1 had other fields. */
export const VERSION = 2;

/** Brings model, optimiser, schedule and callbacks to where a checkpoint has them. */
export function restoreRun(
  { state, model, optimizer: moments }: Checkpoint,
  identity: RunIdentity,
  options: TrainOptions & { optimizer: Optimizer; schedule: Schedule },
): void {
  const { args, attributes } = state.stateful_callbacks?.kd ?? {};
  if (args?.version !== VERSION) {
    throw new KdError(
      'UNSUPPORTED',
      `train: the checkpoint has version ${args?.version ?? 1}, this package reads ${VERSION}; train anew`,
    );
  }
  checkResumable(args, identity);
  writeWeights(trainedVariables(options), model);
  options.optimizer.restore(moments);
  options.schedule.restore?.(attributes!.schedule);
  for (const [key, callback] of keyedCallbacks(options.callbacks)) {
    const remembered = attributes!.callbacks[key];
    if (remembered) callback.restore?.(remembered);
  }
}

/** Callbacks with a name; those with the same one are told apart by their order. */
export function keyedCallbacks(callbacks: readonly Callback[] = []): [key: string, callback: Callback][] {
  const counts = new Map<string, number>();
  return callbacks.flatMap((callback) => {
    const { name } = callback;
    if (name === undefined) return [];
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return [[count === 1 ? name : `${name} ${count}`, callback]];
  });
}
