import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import {
  adamUpdate,
  clipByGlobalNorm,
  gelu,
  globalAveragePool,
  maxPool,
  namedVariables,
  relu6,
  sgdUpdate,
  softTargetCrossEntropy,
} from '../index.ts';
import {
  attend,
  batchNorm,
  convolution,
  dense,
  depthwise,
  dropped,
  norm,
  type OpLayer,
  positions,
  relu,
  restartWeights,
  simple,
} from './layers.ts';
import { randomArray, sizeOf } from './references/nd-array.ts';

type Symbolic = tfl.SymbolicTensor;
const chain = (x: Symbolic, ...stack: OpLayer[]): Symbolic =>
  stack.reduce((input, layer) => layer.apply(input) as Symbolic, x);
const sum = (a: Symbolic, b: Symbolic): Symbolic => tfl.layers.add().apply([a, b]) as Symbolic;

const SHAPE = [9, 9, 3];
const CLASSES = 4;

type NetworkName = 'dense with batch-norm' | 'residual' | 'inverted residual' | 'attention';

/** A small network of the blocks of each family. */
const NETWORKS: Record<NetworkName, (image: Symbolic) => Symbolic> = {
  'dense with batch-norm': (image: Symbolic) => {
    const x = tfl.layers.flatten().apply(image) as Symbolic;
    return chain(x, dense('fc1', 16), batchNorm('bn1'), relu('relu1'), dropped('drop1'));
  },
  residual: (image: Symbolic) => {
    const stem = [convolution('conv1', 3, 6, { padding: 1 }), batchNorm('bn1'), relu('relu1')];
    const x = chain(
      image,
      ...stem,
      simple('pool', (y: tf.Tensor4D) => maxPool(y, { size: 3, strides: 2, padding: 1 })),
    );
    const long = chain(
      x,
      convolution('conv2', 3, 8, { padding: 1, strides: 2 }),
      batchNorm('bn2'),
      relu('relu2'),
      convolution('conv3', 3, 8, { padding: 1 }),
      batchNorm('bn3'),
    );
    const short = chain(x, convolution('down', 1, 8, { strides: 2 }), batchNorm('bn4'));
    return chain(sum(long, short), relu('relu3'), simple('mean', globalAveragePool));
  },
  'inverted residual': (image: Symbolic) => {
    const x = chain(
      image,
      convolution('stem', 3, 4, { padding: 'same', strides: 2 }),
      batchNorm('bn1'),
      simple('clip1', relu6),
    );
    const block = chain(
      x,
      convolution('expand', 1, 12, {}),
      batchNorm('bn2'),
      simple('clip2', relu6),
      depthwise('depthwise', { padding: 'same' }),
      batchNorm('bn3'),
      simple('clip3', relu6),
      convolution('project', 1, 4, {}),
      batchNorm('bn4'),
    );
    const down = [depthwise('narrow', { padding: 'same', strides: 2 }), simple('mean', globalAveragePool)];
    return chain(sum(x, block), ...down);
  },
  attention: (image: Symbolic) => {
    const x = chain(
      image,
      convolution('patches', 3, 8, { strides: 3 }),
      simple('tokens', (y: tf.Tensor) => tf.reshape(y, [-1, 9, 8])),
      positions('positions', 9),
    );
    const mixed = sum(x, chain(x, norm('ln1'), dense('qkv', 24), attend('attend', 2), dense('out', 8)));
    const hidden = [norm('ln2'), dense('up', 16), simple('gelu', gelu), dense('down', 8)];
    const y = sum(mixed, chain(mixed, ...hidden));
    return chain(
      y,
      norm('ln3'),
      simple('mean', (each: tf.Tensor) => tf.mean(each, 1)),
    );
  },
};

export const NETWORK_NAMES: readonly NetworkName[] = Object.keys(NETWORKS) as NetworkName[];

type Update = (name: string, value: tf.Tensor, gradient: tf.Tensor, step: number) => tf.Tensor;

/** AdamW for the attention network, SGD with momentum for the others. */
function createUpdate(name: NetworkName): { update: Update; dispose: () => void } {
  const slots = new Map<string, tf.Tensor[]>();
  const remember = (variable: string, tensors: tf.Tensor[]): void => {
    tf.dispose(slots.get(variable) ?? []);
    slots.set(variable, tensors.map(tf.keep));
  };
  const update: Update = (variable, value, gradient, step) => {
    const [first, second] = slots.get(variable) ?? [tf.zerosLike(value), tf.zerosLike(value)];
    if (name === 'attention') {
      const attributes = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05, step };
      const [moved, ...moments] = adamUpdate(value, gradient, first!, second!, attributes);
      remember(variable, moments);
      return moved;
    }
    const attributes = { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-3 };
    const [moved, velocity] = sgdUpdate(value, gradient, first!, attributes);
    remember(variable, [velocity]);
    return moved;
  };
  return { update, dispose: () => tf.dispose([...slots.values()]) };
}

export interface TrainedNetwork {
  /** Before each step. */
  losses: number[];
  /** Of the trained network in inference mode. */
  logits: number[];
  /** Tensors alive after each step. */
  tensors: number[];
}

/** Trains one of the networks on the current backend; everything random in it is the same on each. */
export async function trainNetwork(name: NetworkName, steps = 20): Promise<TrainedNetwork> {
  restartWeights();
  const image = tfl.input({ shape: SHAPE });
  const model = tfl.model({ inputs: image, outputs: chain(NETWORKS[name](image), dense('logits', CLASSES)) });
  const trained = namedVariables(model).filter(({ trainable }) => trainable);
  const batch = 8;
  const toTensor = (shape: number[], from: number) =>
    tf.tensor(Float32Array.from(randomArray([batch, sizeOf(shape)], from).data), [batch, ...shape]);
  const [images, targets] = tf.tidy(() => [
    toTensor(SHAPE, 1000),
    tf.softmax(toTensor([CLASSES], 1001)) as tf.Tensor2D,
  ]);
  const { update, dispose } = createUpdate(name);
  const result: TrainedNetwork = { losses: [], logits: [], tensors: [] };
  for (let step = 1; step <= steps; step++) {
    const loss = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(
        () => tf.mean(softTargetCrossEntropy(model.apply(images!, { training: true }) as tf.Tensor2D, targets!)),
        trained.map(({ variable }) => variable),
      );
      const { clipped } = clipByGlobalNorm(
        trained.map(({ variable }) => grads[variable.name]!),
        5,
      );
      trained.forEach(({ name: of, variable }, i) => {
        variable.assign(update(of, variable, clipped[i]!, step));
      });
      return value;
    });
    result.losses.push((await loss.data())[0]!); // WebGPU in Node cannot read at once
    loss.dispose();
    result.tensors.push(tf.memory().numTensors);
  }
  const logits = tf.tidy(() => model.apply(images!, { training: false }) as tf.Tensor);
  result.logits = Array.from(await logits.data());
  logits.dispose();
  dispose();
  tf.dispose([images!, targets!]);
  model.dispose();
  return result;
}
