import { dropoutMask, type StepContext } from '@kd/core';
import { dropout } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';

/** What a layer is told about the step: `model.apply(x, { training: true, context })`. */
export interface StepKwargs {
  training?: boolean;
  /** Whether to drop, where that is not as `training` says. */
  dropout?: boolean;
  context?: StepContext;
  /**
   * Gives the masks instead of the context: for an engine that records a step once and runs it many times, to which
   * a mask is an input of the step. Shape is that of what is dropped from; the values are to be those of `dropoutMask` of
   * `@kd/core` for [ids, units].
   */
  dropoutMask?: (stream: string, shape: number[], rate: number) => tf.Tensor;
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
  apply<T extends tf.Tensor>(x: T, kwargs: StepKwargs): T {
    const { training, dropout: drops = training } = kwargs;
    if (!drops || this.rate === 0) return x;
    return tf.tidy(() => dropout(x, this.mask(x.shape, kwargs) as T, this.rate));
  }

  private mask(shape: number[], { context, dropoutMask: given }: StepKwargs): tf.Tensor {
    if (given) return given(this.stream, shape, this.rate);
    const [batch, ...rest] = shape as [number, ...number[]];
    const units = rest.reduce((product, size) => product * size, 1);
    return tf.tensor(dropoutMask(context ?? this.ownContext(batch), this.stream, units, this.rate), shape);
  }

  private ownContext(batch: number): StepContext {
    const step = this.calls++;
    return { seed: 0, epoch: step, step, ids: Uint32Array.from({ length: batch }, (_, i) => i) };
  }
}
