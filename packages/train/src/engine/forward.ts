import { type Batch, KdError, normalizeImages, type StepContext } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * How a model is run:
 * - `inference`: no dropout, running statistics
 * - `training`: dropout, statistics of the batch, running statistics updated
 * - `mcDropout`: dropout as in training, all else as in inference (Monte Carlo dropout)
 */
export type ForwardMode = 'inference' | 'training' | 'mcDropout';

/** Images as a tensor, float32 NHWC; uint8 ones are normalised as the batch says. */
export function uploadImages({ images, normalization }: Pick<Batch, 'images' | 'normalization'>): tf.Tensor {
  return tf.tensor(normalizeImages('train', images, normalization), [...images.shape], 'float32');
}

/** Logits of a model, float32 [batch, classes]. */
export function forward(model: LayersModel, images: tf.Tensor, mode: ForwardMode, context: StepContext): tf.Tensor2D {
  checkImages(model, images);
  const kwargs = { training: mode === 'training', dropout: mode !== 'inference', context };
  const output = model.apply(images, kwargs);
  const logits = (Array.isArray(output) ? output[0] : output) as tf.Tensor;
  if (logits.rank !== 2) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `train: the first output of model '${model.name}' must be logits [batch, classes], got [${logits.shape}]`,
      { shape: logits.shape },
    );
  }
  return logits as tf.Tensor2D;
}

function checkImages(model: LayersModel, images: tf.Tensor): void {
  const wanted = model.inputs[0]!.shape.slice(1);
  const given = images.shape.slice(1);
  if (wanted.length === given.length && wanted.every((size, i) => size === null || size === given[i])) return;
  throw new KdError(
    'SHAPE_MISMATCH',
    `train: model '${model.name}' takes images of [${wanted}], the batch has [${given}]; resize the images or build the ` +
      'model for them',
    { wanted, given },
  );
}

/** Logits of a batch as a plain array, row-major. Off the tape, and nothing is left behind. */
export async function readLogits(
  model: LayersModel,
  batch: Batch,
  mode: ForwardMode,
  context: StepContext,
): Promise<Float32Array> {
  const logits = tf.tidy(() => forward(model, uploadImages(batch), mode, context));
  try {
    return (await logits.data()) as Float32Array;
  } finally {
    logits.dispose();
  }
}
