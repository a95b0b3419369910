import { relu6 } from '@kd/ops';
import type * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/** `relu6(x) = min(max(x, 0), 6)`. It is saved as TF.js' own ReLU with a largest value of 6. */
export class ReLU6 extends tfl.layers.Layer {
  static className = 'ReLU';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return relu6(Array.isArray(inputs) ? inputs[0]! : inputs);
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), maxValue: 6 };
  }
}
