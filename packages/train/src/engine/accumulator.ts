import * as tf from '@tensorflow/tfjs-core';

/** Gradients of several batches on the way to one update. */
export interface Accumulator {
  /** Keeps the gradients of a batch for the next update. */
  add(gradients: tf.NamedTensorMap): void;
  /**
   * The mean of what was kept and these, for an update; undefined if there is neither. Nothing is kept any more; the
   * caller's tidy disposes the mean.
   */
  mean(gradients: tf.NamedTensorMap | undefined): tf.NamedTensorMap | undefined;
  dispose(): void;
}

export function createAccumulator(): Accumulator {
  const sums = new Map<string, tf.Tensor>();
  let count = 0;
  const dispose = (): void => {
    tf.dispose([...sums.values()]);
    sums.clear();
    count = 0;
  };
  function add(gradients: tf.NamedTensorMap): void {
    for (const [name, gradient] of Object.entries(gradients)) {
      const sum = sums.get(name);
      sums.set(name, tf.keep(sum ? tf.add(sum, gradient) : tf.clone(gradient)));
      sum?.dispose();
    }
    count += 1;
  }
  return {
    add,
    mean(gradients) {
      if (count === 0) return gradients;
      if (gradients) add(gradients);
      const means = Object.fromEntries([...sums].map(([name, sum]) => [name, tf.div(sum, count)]));
      dispose();
      return means;
    },
    dispose,
  };
}
