import { KdError, type NamedTensor } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';

/** Tensors that an optimiser keeps for each variable, such as its moments. */
export interface Slots {
  /** The tensor of a slot, zeros at first; refused if it is of another model's variable. */
  get(slot: string, variable: string, shape: number[]): tf.Tensor;
  /** Replaces it; takes ownership of `value`. */
  set(slot: string, variable: string, value: tf.Tensor): void;
  /** Counts one more step of a variable and returns the number, from 1. */
  nextStep(variable: string): number;
  state(): Promise<NamedTensor[]>;
  restore(state: readonly NamedTensor[]): void;
  dispose(): void;
}

const STEPS = 'step';

export function createSlots(): Slots {
  const tensors = new Map<string, tf.Tensor>();
  const steps = new Map<string, number>();
  const set = (key: string, value: tf.Tensor): void => {
    tensors.get(key)?.dispose();
    tensors.set(key, tf.keep(value));
  };
  const dispose = (): void => {
    for (const tensor of tensors.values()) tensor.dispose();
    tensors.clear();
    steps.clear();
  };
  return {
    get(slot, variable, shape) {
      const key = `${slot}/${variable}`;
      const known = tensors.get(key);
      if (!known) set(key, tf.zeros(shape));
      else if (known.shape.join() !== shape.join()) {
        throw new KdError(
          'MISMATCH',
          `optimizer: what it remembers of '${variable}' has shape [${known.shape}], the variable [${shape}]; ` +
            'make a new optimizer for each model',
          { variable, remembered: known.shape, shape },
        );
      }
      return tensors.get(key)!;
    },
    set: (slot, variable, value) => set(`${slot}/${variable}`, value),
    nextStep(variable) {
      const step = (steps.get(variable) ?? 0) + 1;
      steps.set(variable, step);
      return step;
    },
    async state() {
      const saved: NamedTensor[] = [];
      for (const [name, tensor] of tensors) {
        saved.push({ name, shape: tensor.shape, data: (await tensor.data()) as Float32Array });
      }
      for (const [variable, step] of steps) {
        saved.push({ name: `${STEPS}/${variable}`, shape: [1], data: Int32Array.of(step) });
      }
      return saved;
    },
    restore(state) {
      dispose();
      for (const { name, shape, data } of state) {
        if (name.startsWith(`${STEPS}/`)) steps.set(name.slice(STEPS.length + 1), data[0]!);
        else set(name, tf.tensor(data as Float32Array, [...shape]));
      }
    },
    dispose,
  };
}
