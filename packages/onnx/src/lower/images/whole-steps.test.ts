import '@tensorflow/tfjs-backend-cpu';
import { mobileNetV2, resnet } from '@kd/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../graph/graph.ts';
import { optimizeGraph } from '../../passes/optimize-graph.ts';
import { noise } from '../../testing/convolution-cases.ts';
import { machineTargets } from '../../testing/machine-targets.ts';
import { replayGraph } from '../../testing/replay-graph.ts';
import { runOnnx } from '../../testing/run-onnx.ts';
import { distillationStep } from '../../testing/steps.ts';
import { traceFunction } from '../../trace/trace-function.ts';
import { lowerGraph } from '../lower-graph.ts';

const targets = await machineTargets();
const classNames = ['cat', 'dog', 'horse', 'ship', 'frog'];
const SEEDS = 8;

interface Network {
  name: string;
  model(): LayersModel;
  size: number;
  batch: number;
}

const slim = { classNames, seed: 1, embeddingSize: 16 } as const;

/**
 * The last batch-norm of every block near 0, as torchvision's `zero_init_residual` starts: a block then adds little to its
 * shortcut and rounding does not grow from block to block. With all of them at 1, the last digits of images and weights move
 * the loss of 53 batch-norms by up to 3e-5.
 */
function withQuietBlocks(model: LayersModel): LayersModel {
  for (const { name, val } of model.weights as unknown as { name: string; val: tf.Variable }[]) {
    if (name.endsWith('layer.2.normalization/gamma')) tf.tidy(() => val.assign(tf.fill(val.shape, 0.1)));
  }
  return model;
}

/** The cpu backend takes minutes for full widths. */
const networks: Network[] = [
  {
    name: 'ResNet-18, slim',
    model: () => resnet({ ...slim, layerType: 'basic', depths: [2, 2, 2, 2], hiddenSizes: [16, 32, 64, 128] }),
    size: 64,
    batch: 3,
  },
  {
    name: 'ResNet-50, slim',
    model: () =>
      withQuietBlocks(
        resnet({ ...slim, layerType: 'bottleneck', depths: [3, 4, 6, 3], hiddenSizes: [32, 64, 96, 128] }),
      ),
    size: 64,
    batch: 3,
  },
  {
    name: 'MobileNetV2, slim, its channels in blocks that are not full',
    model: () => mobileNetV2({ classNames, seed: 1, classifierDropoutProb: 0, depthMultiplier: 0.35 }),
    size: 64,
    batch: 3,
  },
];

/** The graph with every value that a ReLU's gradient reads its gate from as one more output. */
function withGates(graph: Graph): Graph {
  const gates = graph.nodes.filter(({ op }) => /^KdRelu6?Grad$/.test(op)).map(({ ins }) => ins.y!);
  const more = [...new Set(gates)].map((value, i) => ({ name: `gate/${i}`, kind: 'result' as const, value }));
  return { ...graph, outputs: [...graph.outputs, ...more] };
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function worst(actual: tf.Tensor, expected: tf.Tensor): number {
  const [got, want] = [actual.dataSync(), expected.dataSync()];
  return largest(got.map((value, i) => value - want[i]!));
}

const isOpen = (y: number): boolean => y > 0 && y < 6;

/** How many gates stand otherwise: a value within rounding of 0 or 6. One of them changes gradients by far more than rounding. */
function flips(actual: tf.Tensor, expected: tf.Tensor): number {
  const [got, want] = [actual.dataSync(), expected.dataSync()];
  return Array.from(got).filter((value, i) => isOpen(value) !== isOpen(want[i]!)).length;
}

/** Statistics behind twenty batch-norms over few values have lost a digit more than the loss. */
const toleranceOf = (name: string): number => (name === 'loss' ? 1e-5 : name.startsWith('assigned/') ? 5e-5 : 1e-4);

/** Asserts loss and statistics, and gradients if no gate stands otherwise. @returns whether there were none */
function compare(names: string[], actual: tf.Tensor[], expected: Record<string, tf.Tensor>): boolean {
  const all = names.map((name, i) => ({ name, got: actual[i]!, want: expected[name]! }));
  const flipped = all
    .filter(({ name }) => name.startsWith('gate/'))
    .reduce((count, { got, want }) => count + flips(got, want), 0);
  const gradients = all.filter(({ name }) => name.startsWith('gradient/'));
  const steepest = gradients.reduce((most, { want }) => Math.max(most, largest(want.dataSync())), 0);
  for (const { name, got, want } of all) {
    if (name.startsWith('gate/')) continue;
    // What is zero but for rounding (the offset in front of a batch-norm, the mean behind one) is judged beside the others.
    const isGradient = name.startsWith('gradient/');
    const scale = Math.max(largest(want.dataSync()), isGradient ? 1e-3 * steepest : 1e-2);
    if (!isGradient || flipped === 0) {
      expect(worst(got, want) / scale, `${name}, ${flipped} gates flipped`).toBeLessThan(toleranceOf(name));
    }
  }
  return flipped === 0;
}

beforeAll(() => tf.setBackend('cpu'));

describe.each(networks)('a step of $name', ({ model: make, size, batch }) => {
  it('has the loss, gradients and statistics of the cpu backend', async () => {
    const model = make();
    const step = distillationStep(model, [batch, size, size, 3]);
    const graph = withGates(optimizeGraph(traceFunction(step.run, step.args, { variables: step.variables })));
    const names = graph.outputs.map(({ name }) => name);
    const lowered = targets.map((target) => lowerGraph(graph, target));
    let compared = targets.map(() => false);
    for (let seed = 1; seed <= SEEDS && compared.includes(false); seed++) {
      const given: Record<string, tf.Tensor> = {
        images: noise([batch, size, size, 3], 10 * seed),
        teacherLogits: noise([batch, classNames.length], 10 * seed + 1),
        labels: tf.range(0, batch, 1, 'int32'),
      };
      const values = graph.inputs.map(({ name, variable }) => (variable ?? given[name]!).dataSync());
      const expected = replayGraph(graph, given);
      const results: boolean[] = [];
      for (const each of lowered) results.push(compare(names, await runOnnx(each, values), expected));
      compared = compared.map((before, i) => before || results[i]!);
    }
    expect(compared, `gradients were compared, within ${SEEDS} seeds`).not.toContain(false);
    model.dispose();
  }, 300_000);
});
