import * as tf from '@tensorflow/tfjs-core';
import { attributes, floatTypes, type KernelCall, kernel, type TensorflowBackend } from './tensorflow-backend.ts';

type Named<Names extends string> = Readonly<Record<Names, tf.Tensor>>;
type Epsilon = { epsilon: number };

function fusedAttributes(backend: TensorflowBackend, epsilon: number) {
  return [
    ...floatTypes(backend, 'T', 'U'),
    ...attributes(backend, { epsilon, data_format: 'NHWC', is_training: true }),
  ];
}

/** The fused operations take images: channels stay last, everything else is one long column. */
function asImage(x: tf.Tensor): tf.Tensor {
  const channels = x.shape[x.rank - 1]!;
  return x.rank === 4 ? x : tf.reshape(x, [x.size / channels, 1, 1, channels]);
}

const asInput = (y: tf.Tensor, { shape }: tf.Tensor): tf.Tensor => (shape.length === 4 ? y : tf.reshape(y, shape));

/** TensorFlow's variance is divided by n - 1 where the contract says n. */
function populationVariance(variance: tf.Tensor, count: number): tf.Tensor {
  return count > 1 ? tf.mul(variance, (count - 1) / count) : variance;
}

function forward({ inputs, attrs, backend }: KernelCall<Named<'x' | 'gamma' | 'beta'>, Epsilon>): tf.Tensor[] {
  const { x, gamma, beta } = inputs;
  const running = tf.tensor1d([]); // statistics from before: not used with a factor of 1
  const [y, mean, variance, ...saved] = backend.executeMultipleOutputs(
    'FusedBatchNormV3',
    [...fusedAttributes(backend, attrs.epsilon), ...attributes(backend, { exponential_avg_factor: 1 })],
    [asImage(x), gamma, beta, running, running],
    6,
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
  return [asInput(y, x), mean, populationVariance(variance, x.size / gamma.size), ...saved];
}

function backward({
  inputs,
  attrs,
  backend,
}: KernelCall<Named<'dy' | 'x' | 'gamma' | 'saved0' | 'saved1' | 'saved2'>, Epsilon>): tf.Tensor[] {
  const { dy, x, gamma, saved0, saved1, saved2 } = inputs;
  const [dx, dGamma, dBeta] = backend.executeMultipleOutputs(
    'FusedBatchNormGradV3',
    fusedAttributes(backend, attrs.epsilon),
    [asImage(dy), asImage(x), gamma, saved0, saved1, saved2],
    5, // the last two are the statistics' gradients, which are empty
  ) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return [asInput(dx, x), dGamma, dBeta];
}

/** Batch normalisation in two operations, where TF.js' own takes some thirty. */
export const BATCH_NORM_KERNELS: Readonly<Record<string, tf.KernelFunc>> = {
  KdBatchNorm: kernel(forward),
  KdBatchNormGrad: kernel(backward),
};
