import * as tf from '@tensorflow/tfjs-core';

/** Batch-norm in doubles: float32 references lose as many digits as what they are to judge. */
export function batchNormReference(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  epsilon: number,
): Record<'y' | 'mean' | 'variance', tf.Tensor> {
  const { xs, mean, variance, inverse } = statistics(x, epsilon);
  const [scale, offset] = [gamma.dataSync(), beta.dataSync()];
  const channels = mean.length;
  const y = xs.map((value, i) => {
    const c = i % channels;
    return (value - mean[c]!) * inverse[c]! * scale[c]! + offset[c]!;
  });
  return { y: tensor(y, x.shape), mean: tensor(mean), variance: tensor(variance) };
}

export function batchNormGradientReference(
  dy: tf.Tensor,
  x: tf.Tensor,
  gamma: tf.Tensor,
  epsilon: number,
): Record<'dx' | 'dGamma' | 'dBeta', tf.Tensor> {
  const { xs, mean, inverse, count } = statistics(x, epsilon);
  const [gradient, scale] = [dy.dataSync(), gamma.dataSync()];
  const channels = mean.length;
  const dGamma = new Float64Array(channels);
  const dBeta = new Float64Array(channels);
  const normalised = xs.map((value, i) => (value - mean[i % channels]!) * inverse[i % channels]!);
  gradient.forEach((value, i) => {
    dGamma[i % channels]! += value * normalised[i]!;
    dBeta[i % channels]! += value;
  });
  const dx = normalised.map((value, i) => {
    const c = i % channels;
    return scale[c]! * inverse[c]! * (gradient[i]! - dBeta[c]! / count - (value * dGamma[c]!) / count);
  });
  return { dx: tensor(dx, x.shape), dGamma: tensor(dGamma), dBeta: tensor(dBeta) };
}

function statistics(x: tf.Tensor, epsilon: number) {
  const xs = Float64Array.from(x.dataSync());
  const channels = x.shape.at(-1)!;
  const count = xs.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  xs.forEach((value, i) => {
    mean[i % channels]! += value / count;
  });
  xs.forEach((value, i) => {
    variance[i % channels]! += (value - mean[i % channels]!) ** 2 / count;
  });
  return { xs, mean, variance, inverse: variance.map((value) => 1 / Math.sqrt(value + epsilon)), count };
}

const tensor = (values: Float64Array, shape: readonly number[] = [values.length]): tf.Tensor =>
  tf.tensor(Float32Array.from(values), [...shape]);
