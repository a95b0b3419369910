import * as tf from '@tensorflow/tfjs-core';

type Inputs = Readonly<Record<string, tf.Tensor>>;
type Attributes = Readonly<Record<string, unknown>>;

const batchAxes = (x: tf.Tensor): number[] => Array.from({ length: x.rank - 1 }, (_, i) => i);

function batchNorm({ x, gamma, beta, z }: Inputs, { epsilon, act }: Attributes): tf.Tensor[] {
  const { mean, variance } = tf.moments(x!, batchAxes(x!));
  const normalised = tf.mul(tf.sub(x!, mean), tf.rsqrt(tf.add(variance, epsilon as number)));
  let y: tf.Tensor = tf.add(tf.mul(normalised, gamma!), beta!);
  if (z) y = tf.add(y, z);
  if (act) y = act === 'relu' ? tf.relu(y) : tf.relu6(y);
  return [y, mean, variance];
}

function batchNormGrad({ dy, x, gamma, saved0, saved1 }: Inputs, { epsilon }: Attributes): tf.Tensor[] {
  const count = x!.size / gamma!.size;
  const inverse = tf.rsqrt(tf.add(saved1!, epsilon as number));
  const normalised = tf.mul(tf.sub(x!, saved0!), inverse);
  const dBeta = tf.sum(dy!, batchAxes(x!));
  const dGamma = tf.sum(tf.mul(dy!, normalised), batchAxes(x!));
  const centred = tf.sub(dy!, tf.add(tf.mul(normalised, tf.div(dGamma, count)), tf.div(dBeta, count)));
  return [tf.mul(centred, tf.mul(gamma!, inverse)), dGamma, dBeta];
}

const pointwise = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'valid');

/** The training kernels of docs/kernels.md as TF.js operations, and those that the passes make. */
export const COMPOSED: Readonly<Record<string, (inputs: Inputs, attrs: Attributes) => tf.Tensor[]>> = {
  KdBatchNorm: batchNorm,
  KdBatchNormGrad: batchNormGrad,
  KdConvBatchNorm: ({ x, filter, ...rest }, attrs) => batchNorm({ ...rest, x: pointwise(x!, filter!) }, attrs),
  KdConvBatchNormGrad({ x, filter, z, ...rest }, attrs) {
    const [dy, dGamma, dBeta] = batchNormGrad({ ...rest, x: pointwise(x!, filter!) }, attrs);
    const [pixels, gradients] = [x!, dy!].map((each) => tf.reshape(each, [-1, each.shape[3]!])) as [
      tf.Tensor,
      tf.Tensor,
    ];
    const matrix = tf.reshape(filter!, filter!.shape.slice(2));
    const dx = tf.reshape(tf.matMul(gradients, matrix, false, true), x!.shape);
    const dFilter = tf.reshape(tf.matMul(pixels, gradients, true), filter!.shape);
    return [z ? tf.add(dx, z) : dx, dFilter, dGamma!, dBeta!];
  },
  Conv2DBackpropInput({ z, ...ins }, attrs) {
    const dx: tf.Tensor = tf.engine().runKernel('Conv2DBackpropInput', ins, attrs as never);
    return [z ? tf.add(dx, z) : dx];
  },
  BroadcastTo: ({ x }, { shape }) => [tf.broadcastTo(x!, shape as number[])],
  KdReluGrad: ({ dy, y }) => [tf.mul(dy!, tf.step(y!))],
  KdRelu6Grad: ({ dy, y }) => [tf.where(tf.logicalAnd(tf.greater(y!, 0), tf.less(y!, 6)), dy!, tf.zerosLike(dy!))],
  KdLayerNorm({ x, gamma, beta }, { epsilon }) {
    const { mean, variance } = tf.moments(x!, -1, true);
    const inverse = tf.rsqrt(tf.add(variance, epsilon as number));
    return [tf.add(tf.mul(tf.mul(tf.sub(x!, mean), inverse), gamma!), beta!), mean, inverse];
  },
  KdLayerNormGrad({ dy, x, gamma, saved0, saved1 }) {
    const normalised = tf.mul(tf.sub(x!, saved0!), saved1!);
    const upstream = tf.mul(dy!, gamma!);
    const along = tf.mul(normalised, tf.mean(tf.mul(upstream, normalised), -1, true));
    const dx = tf.mul(tf.sub(upstream, tf.add(along, tf.mean(upstream, -1, true))), saved1!);
    return [dx, tf.sum(tf.mul(dy!, normalised), batchAxes(x!)), tf.sum(dy!, batchAxes(x!))];
  },
  KdGelu: ({ x }) => [tf.mul(x!, cumulative(x!))],
  KdGeluGrad({ dy, x }) {
    const density = tf.mul(tf.exp(tf.mul(tf.square(x!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return [tf.mul(dy!, tf.add(cumulative(x!), tf.mul(x!, density)))];
  },
  KdAttention({ query, key, value }, { scale }) {
    const weights = tf.softmax(tf.mul(tf.matMul(query!, key!, false, true), scale as number));
    return [tf.matMul(weights, value!), weights];
  },
  KdAttentionGrad({ dy, query, key, value, saved0: weights }, { scale }) {
    const dWeights = tf.matMul(dy!, value!, false, true);
    const onAverage = tf.sum(tf.mul(dWeights, weights!), -1, true);
    const dScores = tf.mul(tf.mul(tf.sub(dWeights, onAverage), weights!), scale as number);
    return [tf.matMul(dScores, key!), tf.matMul(dScores, query!, true), tf.matMul(weights!, dy!, true)];
  },
  KdEma: ({ average, value }, { decay }) => [
    tf.add(tf.mul(average!, decay as number), tf.mul(value!, 1 - (decay as number))),
  ],
};

/** Share of a normal distribution below each value. */
function cumulative(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}
