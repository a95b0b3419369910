import { adamUpdate, softTargetCrossEntropy } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { CASES } from './cases.ts';
import { type Kind, mnistTeacher, mobilenetV2 } from './networks.ts';

/** What there are networks of both kinds for. */
export type TfjsCase = 'mobilenetv2' | 'mlp';

/** As PyTorch's AdamW has them. */
export const ADAMW = { learningRate: 1e-4, weightDecay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** TF.js' own Adam has no decay. */
const { weightDecay: _, ...ADAM } = ADAMW;

/** Moves variables along gradients; disposes neither. */
type Update = (variables: readonly tf.Variable[], gradients: tf.NamedTensorMap) => void;

function opsAdam(): Update {
  const moments = new Map<string, [tf.Tensor, tf.Tensor]>();
  let step = 0;
  return (variables, gradients) => {
    step++;
    for (const variable of variables) {
      const old = moments.get(variable.name) ?? [tf.zerosLike(variable), tf.zerosLike(variable)];
      const [value, ...next] = adamUpdate(variable, gradients[variable.name]!, ...old, { ...ADAM, step });
      tf.dispose(old);
      moments.set(variable.name, next);
      variable.assign(value);
      value.dispose();
    }
  };
}

function stockAdam(): Update {
  const { learningRate, beta1, beta2, epsilon } = ADAM;
  const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon);
  return (_, gradients) => optimizer.applyGradients(gradients as Parameters<typeof optimizer.applyGradients>[0]);
}

export function crossEntropy(kind: Kind, labels: tf.Tensor2D, logits: tf.Tensor2D): tf.Scalar {
  return kind === 'ops'
    ? tf.mean(softTargetCrossEntropy(logits, labels))
    : (tf.losses.softmaxCrossEntropy(labels, logits) as tf.Scalar);
}

/** One training step on a batch that stays the same: content does not matter for time. @returns the loss */
export function createStep(which: TfjsCase, kind: Kind, imageSize = 224): () => number {
  const { batch, classes } = CASES[which];
  const model: tfl.LayersModel = which === 'mlp' ? mnistTeacher(kind) : mobilenetV2(kind, imageSize, classes);
  const shape = which === 'mlp' ? [batch, 784] : [batch, imageSize, imageSize, 3];
  const images = tf.randomNormal(shape, 0, 1, 'float32', 1);
  const indices = tf.tensor1d(
    Array.from({ length: batch }, (_, i) => i % classes),
    'int32',
  );
  const labels = tf.cast(tf.oneHot(indices, classes), 'float32') as tf.Tensor2D;
  const variables = model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
  const update = kind === 'ops' ? opsAdam() : stockAdam();
  return () => {
    const { value, grads } = tf.variableGrads(
      () => crossEntropy(kind, labels, model.apply(images, { training: true }) as tf.Tensor2D),
      variables,
    );
    update(variables, grads);
    const [loss] = value.dataSync();
    tf.dispose([value, grads]);
    return loss!;
  };
}
