import type * as tf from '@tensorflow/tfjs-core';
import type { SampleOptions } from '../internal/rows.ts';

/** A loss, seen alike by the tests that every loss must pass (`goldens.test.ts`, `properties.test.ts`). */
export interface LossUnderTest {
  /** The exported name, and what is special about this row. */
  name: string;
  /** What it compares: logits [batch, classes], embeddings [batch, features] or feature maps [batch, 4, 4, 6]. */
  on: 'logits' | 'embeddings' | 'maps';
  /** Calls it with mean reduction. */
  call(student: tf.Tensor, teacher: tf.Tensor, labels: tf.Tensor1D, options?: SampleOptions): tf.Scalar;
  /** Is the mean of what its samples give alone, and takes `sampleWeights`. */
  perSample: boolean;
  /** Is never negative, and 0 with no gradient where student and teacher are equal. */
  zeroWhenEqual: boolean;
  /** Does not change when a constant is added to a row of logits. */
  shiftInvariant?: boolean;
}

/** A loss at an input of the fixture, by the golden's name. */
export type Goldens = Readonly<Record<string, (x: never) => tf.Scalar>>;
