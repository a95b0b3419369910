import type * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { ReplayableDropout, type StepKwargs } from './replayable-dropout.ts';

/** Replayable dropout as a layer. It is saved as TF.js' own Dropout. */
export class Dropout extends tfl.layers.Layer {
  static className = 'Dropout';
  private readonly rate: number;
  private readonly units: ReplayableDropout;

  constructor({ name, rate }: { name: string; rate: number }) {
    super({ name });
    this.rate = rate;
    this.units = new ReplayableDropout(name, rate);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: StepKwargs): tf.Tensor {
    return this.units.apply(Array.isArray(inputs) ? inputs[0]! : inputs, kwargs);
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }
}
