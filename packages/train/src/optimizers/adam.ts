import { KdError } from '@kd/core';
import { adamUpdate } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer } from './optimizer.ts';
import { createSlots } from './slots.ts';

export interface AdamOptions {
  /** Decay of the mean of gradients, in [0, 1). @default 0.9 */
  beta1?: number;
  /** Decay of the mean of squared gradients, in [0, 1). @default 0.999 */
  beta2?: number;
  /** > 0; PyTorch's default, where TF.js has 1e-7. @default 1e-8 */
  epsilon?: number;
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
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer {
  for (const [name, value] of Object.entries({ beta1, beta2 })) {
    if (!(value >= 0 && value < 1)) {
      throw new KdError('INVALID_ARGUMENT', `adam: ${name} must be in [0, 1), got ${value}`, { [name]: value });
    }
  }
  if (!(epsilon > 0)) throw new KdError('INVALID_ARGUMENT', `adam: epsilon must be > 0, got ${epsilon}`, { epsilon });
  const slots = createSlots();
  return {
    name: 'adam',
    settings: { beta1, beta2, epsilon },
    update(updates, learningRate) {
      for (const { name, variable, gradient } of updates) {
        tf.tidy(() => {
          const first = slots.get('m', name, variable.shape);
          const second = slots.get('v', name, variable.shape);
          const attributes = { learningRate, beta1, beta2, epsilon, step: slots.nextStep(name) };
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
