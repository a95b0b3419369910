import { dropoutMask, type StepContext } from '@kd/core';
import { dropout } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';

/** What a layer is told about the step: `model.apply(x, { training: true, context })`. */
export interface StepKwargs {
  training?: boolean;
  /** Whether to drop, where that is not as `training` says. */
  dropout?: boolean;
  context?: StepContext;
}

/**
 * Dropout inside a layer, with a mask that is a function of the step's context, so that a step can be replayed. Without
 * a context, as in `model.fit`, each call counts as a step of its own under seed 0.
 */
export class ReplayableDropout {
  private readonly stream: string;
  private readonly rate: number;
  private calls = 0;

  /** @param stream tells its masks from those of others: the layer's name */
  constructor(stream: string, rate: number) {
    this.stream = stream;
    this.rate = rate;
  }

  /** @param x float32 [batch, ...] */
  apply<T extends tf.Tensor>(x: T, { training, dropout: drops = training, context }: StepKwargs): T {
    if (!drops || this.rate === 0) return x;
    const batch = x.shape[0]!;
    const step = context ?? this.ownContext(batch);
    return tf.tidy(() => {
      const mask = dropoutMask(step, this.stream, x.size / batch, this.rate);
      return dropout(x, tf.tensor(mask, x.shape) as T, this.rate);
    });
  }

  private ownContext(batch: number): StepContext {
    const step = this.calls++;
    return { seed: 0, epoch: step, step, ids: Uint32Array.from({ length: batch }, (_, i) => i) };
  }
}
