import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import {
  adamUpdate,
  attention,
  batchNormTraining,
  conv2d,
  emaUpdate,
  gelu,
  layerNorm,
  relu6,
  sgdUpdate,
} from './index.ts';
import { onEachBackend } from './testing/backends.ts';
import { expectMatchesReference } from './testing/check-op.ts';
import { OP_CASES } from './testing/op-cases.ts';

interface Call {
  kernel: string;
  inputs: Record<string, number[]>;
  attrs: Record<string, unknown>;
}

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

/** Registers kernels that give zeros of the shapes of some of their inputs, and notes how they are called. */
function fake(kernels: Record<string, string[]>): Call[] {
  const calls: Call[] = [];
  for (const [kernelName, outputs] of Object.entries(kernels)) {
    const backendName = tf.getBackend();
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => {
        const named = inputs as unknown as Record<string, tf.TensorInfo>;
        const shapes = Object.fromEntries(Object.entries(named).map(([name, { shape }]) => [name, shape]));
        calls.push({ kernel: kernelName, inputs: shapes, attrs: { ...attrs } });
        const made = outputs.map((name) => tf.zeros(shapes[name]!));
        return made.length === 1 ? made[0]! : made; // both ways are a backend's right
      },
    });
    undo.push(() => tf.unregisterKernel(kernelName, backendName));
  }
  return calls;
}

const zeros = (...shape: number[]) => tf.zeros(shape);
const gradients = (op: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]) => tf.dispose(tf.grads(op)(inputs));

onEachBackend('the contract of docs/kernels.md', () => {
  const [x, channels, heads] = [[2, 3, 3, 4], [4], [2, 2, 5, 3]] as const;

  it.each<[string, Record<string, string[]>, () => void, Call[]]>([
    [
      'KdBatchNorm',
      { KdBatchNorm: ['x', 'gamma', 'gamma', 'beta', 'x'], KdBatchNormGrad: ['x', 'gamma', 'gamma'] },
      () =>
        gradients(
          (...args) => batchNormTraining(args[0]!, args[1] as tf.Tensor1D, args[2] as tf.Tensor1D, 1e-4).output,
          [zeros(...x), zeros(4), zeros(4)],
        ),
      [
        { kernel: 'KdBatchNorm', inputs: { x: [...x], gamma: [4], beta: [4] }, attrs: { epsilon: 1e-4 } },
        {
          kernel: 'KdBatchNormGrad',
          inputs: { dy: [...x], x: [...x], gamma: [4], saved0: [4], saved1: [...x] },
          attrs: { epsilon: 1e-4 },
        },
      ],
    ],
    [
      'KdLayerNorm',
      { KdLayerNorm: ['x', 'gamma'], KdLayerNormGrad: ['x', 'gamma', 'gamma'] },
      () =>
        gradients(
          (...args) => layerNorm(args[0]!, args[1] as tf.Tensor1D, args[2] as tf.Tensor1D, 1e-4),
          [zeros(...x), zeros(4), zeros(4)],
        ),
      [
        { kernel: 'KdLayerNorm', inputs: { x: [...x], gamma: [...channels], beta: [4] }, attrs: { epsilon: 1e-4 } },
        {
          kernel: 'KdLayerNormGrad',
          inputs: { dy: [...x], x: [...x], gamma: [4], saved0: [4] },
          attrs: { epsilon: 1e-4 },
        },
      ],
    ],
    [
      'KdGelu',
      { KdGelu: ['x'], KdGeluGrad: ['x'] },
      () => gradients((each) => gelu(each!), [zeros(...x)]),
      [
        { kernel: 'KdGelu', inputs: { x: [...x] }, attrs: {} },
        { kernel: 'KdGeluGrad', inputs: { dy: [...x], x: [...x] }, attrs: {} },
      ],
    ],
    [
      'KdRelu6Grad',
      { KdRelu6Grad: ['y'] },
      () => gradients((each) => relu6(each!), [zeros(...x)]),
      [{ kernel: 'KdRelu6Grad', inputs: { dy: [...x], y: [...x] }, attrs: {} }],
    ],
    [
      'KdAttention',
      { KdAttention: ['query'], KdAttentionGrad: ['query', 'key', 'value'] },
      () =>
        gradients(
          (...args) => attention(...(args as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]), { scale: 0.5 }),
          [zeros(...heads), zeros(...heads), zeros(...heads)],
        ),
      [
        {
          kernel: 'KdAttention',
          inputs: { query: [...heads], key: [...heads], value: [...heads] },
          attrs: { scale: 0.5 },
        },
        {
          kernel: 'KdAttentionGrad',
          inputs: { dy: [...heads], query: [...heads], key: [...heads], value: [...heads] },
          attrs: { scale: 0.5 },
        },
      ],
    ],
    [
      'KdSgd with momentum',
      { KdSgd: ['value', 'velocity'] },
      () => tf.dispose(sgdUpdate(zeros(3), zeros(3), zeros(3), { learningRate: 0.1, momentum: 0.9, nesterov: true })),
      [
        {
          kernel: 'KdSgd',
          inputs: { value: [3], gradient: [3], velocity: [3] },
          attrs: { learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0 },
        },
      ],
    ],
    [
      'KdSgd without',
      { KdSgd: ['value'] },
      () => tf.dispose(sgdUpdate(zeros(3), zeros(3), undefined, { learningRate: 0.1, weightDecay: 0.2 })),
      [
        {
          kernel: 'KdSgd',
          inputs: { value: [3], gradient: [3] },
          attrs: { learningRate: 0.1, momentum: 0, nesterov: false, weightDecay: 0.2 },
        },
      ],
    ],
    [
      'KdEma',
      { KdEma: ['value'] },
      () => tf.dispose(emaUpdate(zeros(3), zeros(3), 0.99)),
      [{ kernel: 'KdEma', inputs: { average: [3], value: [3] }, attrs: { decay: 0.99 } }],
    ],
  ])('%s', (_, kernels, run, expected) => {
    const calls = fake(kernels);
    tf.tidy(run);
    expect(calls).toEqual(expected);
  });

  it('KdAdam', () => {
    const attributes = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, step: 2 };
    const calls = fake({ KdAdam: ['value', 'value', 'value'] });
    tf.tidy(() => {
      adamUpdate(zeros(3), zeros(3), zeros(3), zeros(3), attributes);
    });
    expect(calls).toEqual([
      {
        kernel: 'KdAdam',
        inputs: { value: [3], gradient: [3], firstMoment: [3], secondMoment: [3] },
        attrs: { ...attributes, weightDecay: 0 },
      },
    ]);
  });

  it('composes where the backend has a forward kernel only: what it saves, nobody else can read', () => {
    const calls = fake({ KdGelu: ['x'] });
    tf.tidy(() => {
      expect(gelu(tf.scalar(1)).dataSync()[0]).toBeCloseTo(0.8413, 4);
    });
    expect(calls).toEqual([]);
  });

  it('leaves no tensor of the kernels behind', () => {
    fake({ KdBatchNorm: ['x', 'gamma', 'gamma', 'beta', 'x'], KdBatchNormGrad: ['x', 'gamma', 'gamma'] });
    const inputs = [zeros(...x), zeros(4), zeros(4)] as const;
    const before = tf.memory().numTensors;
    const op = (...args: tf.Tensor[]) =>
      tf.tidy(() => batchNormTraining(args[0]!, args[1] as tf.Tensor1D, args[2] as tf.Tensor1D).output);
    tf.dispose(tf.grads(op)([...inputs]));
    expect(tf.memory().numTensors).toBe(before);
    const { output, mean, variance } = batchNormTraining(
      ...(inputs as unknown as [tf.Tensor, tf.Tensor1D, tf.Tensor1D]),
    );
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([output, mean, variance, ...inputs]);
  });
});

describe("where the backend lacks TF.js' kernels", () => {
  const LACKING = [
    'Conv2DBackpropInput',
    'Conv2DBackpropFilter',
    'DepthwiseConv2dNativeBackpropInput',
    'DepthwiseConv2dNativeBackpropFilter',
    'MaxPoolGrad',
    'UnsortedSegmentSum',
  ];
  it.each(OP_CASES.filter(({ name }) => /^(conv2d|depthwise|maxPool|embedding)/.test(name)))(
    '$name',
    async (opCase) => {
      await tf.setBackend('cpu');
      for (const name of LACKING) {
        const kernel = tf.getKernel(name, 'cpu');
        tf.unregisterKernel(name, 'cpu');
        undo.push(() => tf.registerKernel(kernel));
      }
      await expectMatchesReference(opCase);
    },
  );
});

it('computes only the gradients that are asked for', async () => {
  await tf.setBackend('cpu');
  const ran: string[] = [];
  for (const name of ['Conv2DBackpropInput', 'Conv2DBackpropFilter']) {
    const kernel = tf.getKernel(name, 'cpu') as tf.KernelConfig;
    tf.unregisterKernel(name, 'cpu');
    tf.registerKernel({
      ...kernel,
      kernelFunc: (call) => {
        ran.push(name);
        return kernel.kernelFunc(call);
      },
    });
    undo.push(() => {
      tf.unregisterKernel(name, 'cpu');
      tf.registerKernel(kernel);
    });
  }
  const [x, filter] = [tf.ones<tf.Rank.R4>([1, 3, 3, 1]), tf.ones<tf.Rank.R4>([2, 2, 1, 1])];
  tf.dispose(tf.grad((each) => conv2d(x, each as tf.Tensor4D))(filter));
  expect(ran).toEqual(['Conv2DBackpropFilter']);
  tf.dispose(tf.grad((each) => conv2d(each as tf.Tensor4D, filter))(x));
  expect(ran).toEqual(['Conv2DBackpropFilter', 'Conv2DBackpropInput']);
});
