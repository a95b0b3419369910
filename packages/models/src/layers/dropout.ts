import { dropoutMask, type StepContext } from '@kd/core';
import { dropout } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/**
 * Dropout whose mask is a function of the step's context, so that a step can be replayed: pass the context to the
 * model as `model.apply(x, { training: true, context })`. Without one, as in `model.fit`, each call counts as a step of
 * its own under seed 0. It is saved as TF.js' own Dropout.
 */
export class Dropout extends tfl.layers.Layer {
  static className = 'Dropout';
  private readonly rate: number;
  private calls = 0;

  constructor({ name, rate }: { name: string; rate: number }) {
    super({ name });
    this.rate = rate;
  }

  override call(
    inputs: tf.Tensor | tf.Tensor[],
    kwargs: { training?: boolean; dropout?: boolean; context?: StepContext },
  ): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    if (!(kwargs.dropout ?? kwargs.training) || this.rate === 0) return x;
    const batch = x.shape[0]!;
    const context = kwargs.context ?? this.ownContext(batch);
    return tf.tidy(() => {
      const mask = dropoutMask(context, this.name, x.size / batch, this.rate);
      return dropout(x, tf.tensor(mask, x.shape), this.rate);
    });
  }

  private ownContext(batch: number): StepContext {
    const step = this.calls++;
    return { seed: 0, epoch: step, step, ids: Uint32Array.from({ length: batch }, (_, i) => i) };
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }
}
