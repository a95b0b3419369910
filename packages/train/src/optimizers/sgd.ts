import { KdError } from '@kd/core';
import { sgdUpdate } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer } from './optimizer.ts';
import { type GroupOptions, parameterGroups } from './parameter-groups.ts';
import { createSlots } from './slots.ts';

export interface SgdOptions extends GroupOptions {
  /** In [0, 1). @default 0 */
  momentum?: number;
  /** Look ahead by one step of momentum. @default false */
  nesterov?: boolean;
}

/**
 * Stochastic gradient descent, with momentum for each variable by its name.
 *
 * `g += weightDecay * value`, `b = momentum * b + g`, `value -= learningRate * (nesterov ? g + momentum * b : b)`
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range, or nesterov is asked for without momentum
 *
 * Reference: Sutskever et al. 2013 in the form of torch.optim.SGD; trajectories agree.
 *
 * @example
 * import { sgd } from '@kd/train';
 * console.log(sgd({ momentum: 0.9, nesterov: true }).name); // sgd
 */
export function sgd({ momentum = 0, nesterov = false, ...groupOptions }: SgdOptions = {}): Optimizer {
  const groups = parameterGroups('sgd', groupOptions);
  if (!(momentum >= 0 && momentum < 1)) {
    throw new KdError('INVALID_ARGUMENT', `sgd: momentum must be in [0, 1), got ${momentum}`, { momentum });
  }
  if (nesterov && momentum === 0) {
    throw new KdError('INVALID_ARGUMENT', 'sgd: nesterov needs momentum > 0, got 0', { momentum });
  }
  const slots = createSlots();
  return {
    name: 'sgd',
    settings: { momentum, nesterov, ...groups.settings },
    settingsOf: groups.settingsOf,
    update(updates, learningRate) {
      for (const { name, variable, gradient } of updates) {
        tf.tidy(() => {
          const { learningRateScale, weightDecay } = groups.settingsOf(name);
          const attributes = { learningRate: learningRate * learningRateScale, momentum, nesterov, weightDecay };
          if (momentum === 0) {
            const [value] = sgdUpdate(variable, gradient, undefined, attributes);
            variable.assign(value);
          } else {
            const before = slots.get('momentum', name, variable.shape);
            const [value, velocity] = sgdUpdate(variable, gradient, before, attributes);
            variable.assign(value);
            slots.set('momentum', name, velocity);
          }
        });
      }
    },
    state: slots.state,
    restore: slots.restore,
    dispose: slots.dispose,
  };
}
