import { namedVariables } from '@kd/ops';
import { adam } from '@kd/train';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Case } from './case.ts';

/**
 * Adam alone, on all variables of a model that a step would train.
 *
 * @param deviation of the gradients
 */
export function adamCase(name: string, model: LayersModel, deviation = 1e-3): Case {
  const optimizer = adam();
  const updates = namedVariables(model).flatMap(({ name, variable, trainable }) =>
    trainable ? [{ name, variable, gradient: tf.randomNormal(variable.shape, 0, deviation) }] : [],
  );
  return {
    name,
    async run(steps) {
      const laps = Array.from({ length: steps + 1 }, () => {
        const start = performance.now();
        optimizer.update(updates, 1e-6); // so small that the network stays what it is
        return { total: performance.now() - start };
      });
      return laps.slice(1);
    },
  };
}
