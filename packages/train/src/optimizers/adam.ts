import { KdError } from '@kd/core';
import { adamUpdate } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer } from './optimizer.ts';
import { type GroupOptions, type ParameterGroup, parameterGroups } from './parameter-groups.ts';
import { createSlots } from './slots.ts';

interface Moments {
  /** Decay of the mean of gradients, in [0, 1). @default 0.9 */
  beta1?: number;
  /** Decay of the mean of squared gradients, in [0, 1). @default 0.999 */
  beta2?: number;
  /** > 0; PyTorch's default, where TF.js has 1e-7. @default 1e-8 */
  epsilon?: number;
}

export interface AdamOptions extends Moments {
  /** Variables with a rate of their own. @default none */
  groups?: readonly Omit<ParameterGroup, 'weightDecay'>[];
}

export interface AdamWOptions extends Moments, GroupOptions {
  /** How strongly weights are pulled to 0, >= 0; Hugging Face's Trainer has 0. @default 0.01 */
  weightDecay?: number;
}

/**
 * Adam, with moments and step count for each variable by its name.
 *
 * `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`,
 * `value -= learningRate / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + epsilon)`
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Kingma and Ba 2015, "Adam", algorithm 1; trajectories agree with torch.optim.Adam.
 *
 * @example
 * import { adam } from '@kd/train';
 * console.log(adam({ beta1: 0.8 }).name); // adam
 */
export function adam({ groups = [], ...moments }: AdamOptions = {}): Optimizer {
  return adamLike('adam', moments, { groups });
}

/**
 * Adam with weight decay apart from the gradient.
 *
 * `value *= 1 - learningRate * weightDecay`, then the step of Adam
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range
 *
 * Reference: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2; trajectories agree with
 * torch.optim.AdamW, which Hugging Face's Trainer uses.
 *
 * @example
 * import { adamW, NO_WEIGHT_DECAY } from '@kd/train';
 * const optimizer = adamW({ weightDecay: 0.05, groups: [NO_WEIGHT_DECAY] });
 * console.log(optimizer.settingsOf('classifier/kernel')); // { learningRateScale: 1, weightDecay: 0.05 }
 */
export function adamW({ weightDecay = 0.01, groups = [], ...moments }: AdamWOptions = {}): Optimizer {
  return adamLike('adamW', moments, { weightDecay, groups });
}

function adamLike(
  name: string,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: Moments,
  groupOptions: GroupOptions,
): Optimizer {
  for (const [option, value] of Object.entries({ beta1, beta2 })) {
    if (!(value >= 0 && value < 1)) {
      throw new KdError('INVALID_ARGUMENT', `${name}: ${option} must be in [0, 1), got ${value}`, { [option]: value });
    }
  }
  if (!(epsilon > 0))
    throw new KdError('INVALID_ARGUMENT', `${name}: epsilon must be > 0, got ${epsilon}`, { epsilon });
  const { settingsOf, settings } = parameterGroups(name, groupOptions);
  const slots = createSlots();
  return {
    name,
    settings: { beta1, beta2, epsilon, ...settings },
    settingsOf,
    update(updates, learningRate) {
      for (const { name, variable, gradient } of updates) {
        tf.tidy(() => {
          const first = slots.get('m', name, variable.shape);
          const second = slots.get('v', name, variable.shape);
          const { learningRateScale, weightDecay } = settingsOf(name);
          const attributes = {
            learningRate: learningRate * learningRateScale,
            beta1,
            beta2,
            epsilon,
            step: slots.nextStep(name),
            weightDecay,
          };
          const [value, m, v] = adamUpdate(variable, gradient, first, second, attributes);
          variable.assign(value);
          slots.set('m', name, m);
          slots.set('v', name, v);
        });
      }
    },
    state: slots.state,
    restore: slots.restore,
    dispose: slots.dispose,
  };
}
