import '@tensorflow/tfjs-backend-cpu';
import { mlp, mobileNetV2, resnet, vit } from '@kd/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../graph/graph.ts';
import { replayGraph } from '../testing/replay-graph.ts';
import { distillationStep, randomInputs } from '../testing/steps.ts';
import { traceFunction } from '../trace/trace-function.ts';
import { optimizeGraph } from './optimize-graph.ts';

beforeAll(() => tf.setBackend('cpu'));

const classNames = ['cat', 'dog', 'horse'];

interface Case {
  model: () => LayersModel;
  images: [number, number, number, number];
  /** Kernels of the optimized graph, those that say what the passes did. */
  counts: Record<string, number>;
}

/** Whole networks on few pixels, some with few channels. */
const CASES: Record<string, Case> = {
  mlp: {
    model: () => mlp({ hiddenSizes: [32, 16], classNames, batchNorm: true }),
    images: [8, 28, 28, 1],
    counts: { KdBatchNorm: 2, KdBatchNormGrad: 2, KdReluGrad: 2, Step: 0, _FusedMatMul: 0 },
  },
  mobileNetV2: {
    model: () => mobileNetV2({ classNames, classifierDropoutProb: 0, depthMultiplier: 0.35 }),
    images: [4, 32, 32, 3],
    counts: {
      KdConvBatchNorm: 10, // of 16 expansions and the last convolution those that have enough pixels here
      KdConvBatchNormGrad: 10,
      KdBatchNorm: 42,
      KdBatchNormGrad: 42,
      KdRelu6Grad: 35,
      Relu6: 0, // all behind a batch-norm
      FusedConv2D: 25, // takes the running mean off
      Conv2DBackpropInput: 24, // not of the first
      FusedDepthwiseConv2D: 17,
      KdEma: 104,
    },
  },
  resnet18: {
    model: () =>
      resnet({ classNames, embeddingSize: 8, hiddenSizes: [8, 8, 16, 16], depths: [2, 2, 2, 2], layerType: 'basic' }),
    images: [4, 32, 32, 3],
    counts: { KdBatchNorm: 20, KdReluGrad: 17, Relu: 0, PadV2: 0, Slice: 0, MaxPool: 1 },
  },
  vit: {
    model: () =>
      vit({
        ...{ classNames, imageSize: 32, patchSize: 8 },
        ...{ hiddenSize: 64, numHiddenLayers: 3, numAttentionHeads: 4, intermediateSize: 128 },
      }),
    images: [4, 32, 32, 3],
    counts: { KdAttention: 3, KdAttentionGrad: 3, KdGelu: 6, KdLayerNorm: 7, KdLayerNormGrad: 7 },
  },
};

function countsOf({ nodes }: Graph, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, nodes.filter(({ op }) => op === name).length]));
}

const norm = (x: tf.Tensor): number => tf.norm(x).dataSync()[0]!;

describe.each(Object.entries(CASES))('a distillation step of %s', (_, { model, images, counts }) => {
  it('replays as eager, to the last bit, and with coarse kernels after the passes', () => {
    const step = distillationStep(model(), images);
    const inputs = randomInputs(step);
    const graph = traceFunction(step.run, step.args);
    const optimized = optimizeGraph(graph);
    const names = Object.keys(counts);
    expect(countsOf(optimized, names)).toEqual(counts);
    expect(optimized.nodes.length).toBeLessThan(graph.nodes.length);

    const [replayed, after] = [graph, optimized].map((each) => replayGraph(each, inputs)) as [
      Record<string, tf.Tensor>,
      Record<string, tf.Tensor>,
    ];
    const eager = step.run(...Object.values(inputs));
    for (const { name, kind, variable } of graph.outputs) {
      const expected = kind === 'state' ? variable! : eager[name]!;
      expect(norm(tf.sub(replayed[name]!, expected)), name).toBe(0);
    }
    // Some gradients are zero in exact arithmetic: offsets in front of another batch-norm, biases of attention's keys.
    const typical = step.variables.map(({ name }) => norm(eager[`gradient/${name}`]!)).sort((a, b) => a - b);
    const floor = typical[Math.floor(typical.length / 2)]! * 1e-2;
    for (const { name } of graph.outputs) {
      const size = Math.max(norm(replayed[name]!), name.startsWith('gradient/') ? floor : 0);
      expect(norm(tf.sub(after[name]!, replayed[name]!)) / size, name).toBeLessThan(1e-4);
    }
  });
});
