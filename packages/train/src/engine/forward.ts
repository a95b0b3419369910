import { type Batch, KdError, normalizeImages, type StepContext } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { FeatureArray, TeacherAnswers } from '../teachers/teacher.ts';

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

/** What a model says about a batch. */
export interface Outputs {
  /** Its first output, float32 [batch, classes]. */
  logits: tf.Tensor2D;
  /** The others, by the names of their layers. */
  features: Record<string, tf.Tensor>;
}

/** Names of a model's outputs behind the logits: of its taps. */
export const featureNames = ({ outputNames }: LayersModel): string[] => outputNames.slice(1);

/** Runs a model: logits, and features if it has taps. */
export function forward(model: LayersModel, images: tf.Tensor, mode: ForwardMode, context: StepContext): Outputs {
  checkImages(model, images);
  const kwargs = { training: mode === 'training', dropout: mode !== 'inference', context };
  const output = model.apply(images, kwargs) as tf.Tensor | tf.Tensor[];
  const [logits, ...features] = Array.isArray(output) ? output : [output];
  if (logits?.rank !== 2) {
    throw new KdError(
      'SHAPE_MISMATCH',
      `train: the first output of model '${model.name}' must be logits [batch, classes], got [${logits?.shape}]`,
      { shape: logits?.shape },
    );
  }
  const names = featureNames(model);
  return {
    logits: logits as tf.Tensor2D,
    features: Object.fromEntries(features.map((feature, i) => [names[i]!, feature])),
  };
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
  const logits = tf.tidy(() => forward(model, uploadImages(batch), mode, context).logits);
  try {
    return (await logits.data()) as Float32Array;
  } finally {
    logits.dispose();
  }
}

/** Logits and features of a batch as plain arrays. Off the tape, and nothing is left behind. */
export async function readAnswers(
  model: LayersModel,
  batch: Batch,
  mode: ForwardMode,
  context: StepContext,
): Promise<TeacherAnswers> {
  const { logits, ...features } = tf.tidy(() => {
    const outputs = forward(model, uploadImages(batch), mode, context);
    return { ...prefixed(outputs.features), logits: outputs.logits } as Record<string, tf.Tensor>;
  });
  try {
    const read: Record<string, FeatureArray> = {};
    for (const [name, { shape }] of Object.entries(features)) {
      read[name.slice(FEATURE.length)] = { data: (await features[name]!.data()) as Float32Array, shape };
    }
    return { logits: (await logits!.data()) as Float32Array, features: read };
  } finally {
    tf.dispose([logits!, ...Object.values(features)]);
  }
}

const FEATURE = 'feature/'; // a layer may be called 'logits'

const prefixed = (features: Record<string, tf.Tensor>): Record<string, tf.Tensor> =>
  Object.fromEntries(Object.entries(features).map(([name, feature]) => [FEATURE + name, feature]));
