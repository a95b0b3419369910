import { distillationLoss } from '@kd/losses';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TraceArgument } from '../trace/trace-function.ts';

/** A distillation step as a function to trace: loss, logits and the gradients of all trainable weights. */
export interface Step {
  run(...args: tf.Tensor[]): Record<string, tf.Tensor>;
  args: TraceArgument[];
  variables: tf.Variable[];
}

/** Forward and backward of a student with `distillationLoss`. */
export function distillationStep(model: LayersModel, imageShape: readonly [number, ...number[]]): Step {
  const variables = model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
  const batch = imageShape[0];
  const classes = model.outputShape[1] as number;
  return {
    variables,
    args: [
      { shape: imageShape, dtype: 'float32', name: 'images' },
      { shape: [batch, classes], dtype: 'float32', name: 'teacherLogits' },
      { shape: [batch], dtype: 'int32', name: 'labels' },
    ],
    run(images, teacherLogits, labels) {
      let logits: tf.Tensor | undefined;
      const { value, grads } = tf.variableGrads(() => {
        logits = tf.keep(model.apply(images!, { training: true }) as tf.Tensor);
        return distillationLoss(logits as tf.Tensor2D, teacherLogits as tf.Tensor2D, labels as tf.Tensor1D, {
          temperature: 5,
          lambda: 0.5,
          validateLabels: false,
        });
      }, variables);
      const gradients = Object.fromEntries(variables.map(({ name }) => [`gradient/${name}`, grads[name]!]));
      return { loss: value, logits: logits!, ...gradients };
    },
  };
}

/** Arguments of a step, by name: normal numbers, and labels in range. */
export function randomInputs({ args }: Step, seed = 3): Record<string, tf.Tensor> {
  const classes = args[1]!.shape[1]!;
  return Object.fromEntries(
    args.map(({ name, shape, dtype }) => [
      name!,
      dtype === 'int32'
        ? tf.tensor(
            Array.from({ length: shape[0]! }, (_, i) => i % classes),
            [...shape],
            'int32',
          )
        : tf.randomNormal([...shape], 0, 1, 'float32', seed),
    ]),
  );
}
